//! What is asked for, where there is no GPU.

use std::ffi::OsStr;

use super::{NET, with_net};
use crate::support::{Folder, post};

/// A folder on a machine whose drivers, if it has any, are not found.
fn without_drivers() -> Folder {
    let none = "/nonexistent/driver.json";
    let folder = Folder::new()
        .with("VK_DRIVER_FILES", none)
        .with("VK_ICD_FILENAMES", none);
    with_net(folder.with("USINA_DEVICE", "auto"))
}

#[test]
fn the_cpu_is_listed_and_taken_where_there_is_no_gpu() {
    let folder = without_drivers();
    let listed = folder.json(&["devices"]);
    let devices = listed["devices"].as_array().unwrap();
    assert_eq!(devices.len(), 1, "{listed}");
    assert_eq!(
        (&devices[0]["kind"], &devices[0]["auto"]),
        (&"cpu".into(), &true.into())
    );
    assert!(listed["no_gpu"].as_str().unwrap().contains("--device cpu"));
    let ran = folder.run(&["devices"]);
    assert!(ran.err.contains("auto takes the CPU: "), "{ran:?}");
    let table = ran.done();
    assert!(table.starts_with("NAME") && table.contains("flex"), "{table}");
    assert!(!folder.data().exists(), "looking for devices made a data folder");
}

#[test]
fn without_a_gpu_auto_takes_the_cpu_and_says_so_once_and_gpu_is_refused() {
    let folder = without_drivers();
    let refused = folder.run(&["train", "net.toml", "--device", "gpu"]).refused(1);
    assert!(refused.starts_with("usina: --device gpu: "), "{refused}");
    assert!(refused.contains("or use --device cpu"), "{refused}");
    assert!(
        !folder.data().exists(),
        "a device that is not there was told after a store was made"
    );
    let ran = folder.run(&["train", "net.toml", "--verbose"]);
    assert_eq!(
        ran.err.matches("nets are trained on the CPU: ").count(),
        1,
        "{ran:?}"
    );
    ran.done();
    assert!(
        folder
            .run(&["models", "card", "net", "1"])
            .done()
            .contains("- Fitted on: CPU\n")
    );
    let run = folder.json(&["runs", "list"])["runs"][0]["run_id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        folder.json(&["runs", "show", &run])["tags"]["usina.device"],
        "CPU"
    );
    // Neither does a server start that could not do what it was told.
    let refused = folder
        .run(&["serve", "--device", "gpu", "--listen", "127.0.0.1:0"])
        .refused(1);
    assert!(refused.contains("--device gpu: "), "{refused}");
}

#[test]
fn a_recipe_and_a_request_may_ask_for_a_device_and_the_command_line_has_the_last_word() {
    let folder = without_drivers();
    folder.file("gpu.toml", format!("{NET}\n[training]\ndevice = \"gpu\"\n"));
    assert!(
        folder
            .run(&["train", "gpu.toml"])
            .refused(1)
            .contains("--device gpu: ")
    );
    folder.run(&["train", "gpu.toml", "--device", "cpu"]).done();
    folder.run(&["train", "net.toml"]).done();
    let server = folder.serve();
    let order = |device: &str| {
        let recipe = NET.replace("file = \"customers.csv\"", "dataset = \"net\"");
        server.send(&post(
            "/api/v1/jobs",
            &serde_json::json!({"recipe": recipe, "device": device}),
        ))
    };
    let job = order("gpu").json();
    let ended = server.job_end(job["id"].as_str().unwrap());
    assert_eq!(ended["state"], "failed", "{ended}");
    assert_eq!(ended["bad_input"], false, "{ended}");
    assert!(ended["error"].as_str().unwrap().contains("GPU"), "{ended}");
    let ended = server.job_end(order("auto").json()["id"].as_str().unwrap());
    assert_eq!(ended["state"], "done", "{ended}");
    // A device is no part of what a version is: the same rows and recipe once more.
    assert_eq!(ended["version"], "v1.0.2", "{ended}");
    order("tpu").refused(400, "bad_parameter");
    let trees = serde_json::json!({"shipped": "customer-churn", "device": "gpu"});
    server
        .send(&post("/api/v1/jobs", &trees))
        .refused(422, "not_for_gpu");
    let told = server.stop().err;
    assert_eq!(told.matches("nets are trained on the CPU: ").count(), 1, "{told}");
}

#[test]
fn a_device_that_is_none_is_told_before_anything_is_opened() {
    let folder = without_drivers();
    for command in ["train net.toml", "serve", "up"] {
        let line = format!("{command} --device tpu");
        let told = folder.run(&line.split(' ').collect::<Vec<_>>()).refused(2);
        assert!(told.contains("tpu") && told.contains("auto, cpu, gpu"), "{told}");
    }
    let told = folder
        .run(&["train", "customer-churn", "--device", "gpu"])
        .refused(2);
    assert!(told.contains("nets") && told.contains("boost"), "{told}");
    let trees = NET.replace("[algorithm.mlp]", "[algorithm.boost]");
    let boost = trees.split("hidden_layer_sizes").next().unwrap();
    for (name, recipe, place, words) in [
        (
            "wrong",
            format!("{NET}\n[training]\ndevice = \"tpu\"\n"),
            "23:10",
            "auto, cpu, gpu",
        ),
        ("shape", format!("training = 3\n{NET}"), "1:1", "[training]"),
        (
            "surplus",
            format!("{NET}\n[training]\ncores = 3\n"),
            "23:1",
            "unknown key cores",
        ),
        (
            "trees",
            format!("{boost}\n[training]\ndevice = \"gpu\"\n"),
            "10:1",
            "algorithm.boost does not",
        ),
    ] {
        folder.file(&format!("{name}.toml"), recipe);
        let told = folder.run(&["train", &format!("{name}.toml")]).refused(2);
        assert!(told.contains(&format!("{name}.toml:{place}")), "{told}");
        assert!(told.contains(words), "{told}");
    }
    assert!(!folder.data().exists());
    let folder = folder.with("USINA_DEVICE", OsStr::new("tpu"));
    assert!(folder.run(&["serve"]).refused(2).contains("tpu"));
}
