//! Mesa's software device, as a GPU.

use super::{answers, assert_alike, named, with_net};
use crate::support::{Folder, good_customer, post};
use serde_json::json;

/// A folder with a GPU of software and no other.
fn with_gpu() -> Option<Folder> {
    let driver = named("USINA_VULKAN", "driver of Mesa's software device")?;
    let folder = Folder::new()
        .with("VK_DRIVER_FILES", &driver)
        .with("VK_ICD_FILENAMES", driver);
    let runtime = folder.temporary();
    Some(with_net(folder.with("XDG_RUNTIME_DIR", runtime)))
}

#[test]
fn a_gpu_of_software_is_listed_and_auto_passes_over_it() {
    let Some(folder) = with_gpu() else { return };
    let listed = folder.json(&["devices"]);
    let kinds: Vec<_> = listed["devices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|device| &device["kind"])
        .collect();
    assert_eq!(kinds, ["cpu", "software"], "{listed}");
    let gpu = &listed["devices"][1];
    assert_eq!(gpu["backend"], "Vulkan", "{listed}");
    assert!(gpu["name"].as_str().unwrap().contains("llvmpipe"), "{listed}");
    assert!(gpu["driver"].as_str().unwrap().contains("Mesa"), "{listed}");
    assert!(gpu["memory_bytes"].as_u64().unwrap() > 1 << 28, "{listed}");
    assert_eq!(
        (&listed["devices"][0]["auto"], &gpu["auto"]),
        (&true.into(), &false.into())
    );
    let ran = folder.run(&["train", "net.toml", "--verbose"]);
    assert!(ran.err.contains("nets are trained on the CPU: "), "{ran:?}");
    ran.done();
}

#[test]
fn a_net_learns_and_answers_the_same_on_a_gpu_as_on_the_cpu() {
    let Some(gpu) = with_gpu() else { return };
    let cpu = with_net(Folder::new());
    let of_cpu = cpu.json(&["train", "net.toml", "--device", "cpu"]);
    let of_gpu = gpu.json(&["train", "net.toml", "--device", "gpu"]);
    assert_alike(&of_cpu, &of_gpu);
    assert!(
        gpu.run(&["models", "card", "net", "1"])
            .done()
            .contains("- Fitted on: llvmpipe")
    );
    let run = gpu.json(&["runs", "list"])["runs"][0]["run_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let tags = &gpu.json(&["runs", "show", &run])["tags"];
    assert!(
        tags["usina.device"]
            .as_str()
            .unwrap()
            .contains("software, Vulkan"),
        "{tags}"
    );
    let (of_cpu, of_gpu) = (answers(&cpu, "net"), answers(&gpu, "net"));
    for (one, other) in of_cpu.iter().zip(&of_gpu) {
        assert!((one - other).abs() < super::APART, "{of_cpu:?} and {of_gpu:?}");
    }
}

#[test]
fn a_server_that_was_told_to_answers_on_the_gpu_what_the_cpu_answers() {
    let Some(folder) = with_gpu() else { return };
    folder.run(&["train", "net.toml", "--device", "cpu"]).done();
    let ask = |device: &str| {
        let server = folder.serve_with(&["serve", "--device", device]);
        let body = json!({"model": "net", "features": good_customer()});
        let answer = server.send(&post("/api/v1/predict", &body)).json();
        let told = server.stop().err;
        assert_eq!(
            told.contains("nets are trained on llvmpipe"),
            device == "gpu",
            "{told}"
        );
        answer["probability"][0].as_f64().unwrap()
    };
    let (cpu, gpu) = (ask("cpu"), ask("gpu"));
    // The same weights, so only one pass rounds otherwise.
    assert!((cpu - gpu).abs() < 1e-5, "{cpu} and {gpu}");
}
