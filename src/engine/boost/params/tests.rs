//! Ranges, names and defaults.

use super::*;

fn binary() -> Task {
    Task::Binary {
        classes: ["no".into(), "yes".into()],
    }
}

#[test]
fn the_names_and_defaults_are_those_of_xgboost() {
    let params: BoostParams = toml::from_str(
        "num_boost_round = 20\neta = 1\nlambda = 0\nalpha = 0.5\nmin_split_loss = 2.0\n\
         tree_method = \"hist\"\ngrow_policy = \"lossguide\"\nmax_leaves = 31\n\
         eval_metric = \"aucpr\"\nmonotone_constraints = { age = 1, rate = -1 }",
    )
    .unwrap();
    assert_eq!(params.n_estimators, 20);
    assert_eq!(
        (params.learning_rate, params.reg_lambda, params.reg_alpha),
        (1.0, 0.0, 0.5)
    );
    assert_eq!(params.gamma, 2.0);
    assert_eq!(params.grow_policy, GrowPolicy::LossGuide);
    assert_eq!(params.metric(&binary()), EvalMetric::AucPr);
    assert_eq!(params.monotone_constraints["rate"], Monotone::Decreasing);
    assert_eq!(
        (params.max_depth, params.max_bin, params.subsample),
        (6, 256, 1.0)
    );
    params.validate().unwrap();
    let text = serde_json::to_string(&params).unwrap();
    assert_eq!(serde_json::from_str::<BoostParams>(&text).unwrap(), params);
}

#[test]
fn a_recipe_with_a_wrong_value_is_refused_at_its_line() {
    for (text, line, says) in [
        ("max_depth = 4\nlearning_rate = 7", "line 2", "at most 1"),
        ("\n\nsubsample = 0", "line 3", "above 0"),
        ("gamma = -1.0", "line 1", "at least 0"),
        ("scale_pos_weight = nan", "line 1", "above 0"),
        ("max_depht = 4", "line 1", "unknown field"),
        ("max_depth = -4", "line 1", "invalid value"),
        ("monotone_constraints = { age = 2 }", "line 1", "1 (increasing)"),
    ] {
        let message = toml::from_str::<BoostParams>(text).unwrap_err().to_string();
        assert!(
            message.contains(line) && message.contains(says),
            "{text}: {message}"
        );
    }
}

#[test]
fn a_value_out_of_range_is_refused_by_its_name() {
    let refuse = |set: &dyn Fn(&mut BoostParams)| {
        let mut params = BoostParams::default();
        set(&mut params);
        params.validate().unwrap_err().param
    };
    assert_eq!(refuse(&|p| p.learning_rate = 1.5), "learning_rate");
    assert_eq!(refuse(&|p| p.learning_rate = 1e-60), "learning_rate");
    assert_eq!(refuse(&|p| p.subsample = 0.0), "subsample");
    assert_eq!(refuse(&|p| p.colsample_bytree = f64::NAN), "colsample_bytree");
    assert_eq!(refuse(&|p| p.colsample_bylevel = -0.5), "colsample_bylevel");
    assert_eq!(refuse(&|p| p.colsample_bynode = 1.1), "colsample_bynode");
    assert_eq!(refuse(&|p| p.min_child_weight = -1.0), "min_child_weight");
    assert_eq!(refuse(&|p| p.gamma = f64::INFINITY), "gamma");
    assert_eq!(refuse(&|p| p.max_delta_step = -1.0), "max_delta_step");
    assert_eq!(refuse(&|p| p.reg_lambda = -1.0), "reg_lambda");
    assert_eq!(refuse(&|p| p.reg_alpha = -1.0), "reg_alpha");
    assert_eq!(refuse(&|p| p.scale_pos_weight = 0.0), "scale_pos_weight");
    assert_eq!(refuse(&|p| p.n_estimators = 0), "n_estimators");
    assert_eq!(refuse(&|p| p.max_bin = 1), "max_bin");
    assert_eq!(refuse(&|p| p.max_depth = 65), "max_depth");
    assert_eq!(refuse(&|p| p.max_depth = 0), "max_depth");
    assert_eq!(refuse(&|p| p.max_leaves = 8), "max_leaves");
    assert_eq!(
        refuse(&|p| p.early_stopping_rounds = Some(0)),
        "early_stopping_rounds"
    );
}

#[test]
fn what_does_not_go_with_the_data_is_refused_by_its_name() {
    let features = [Feature::numeric("age"), Feature::categorical("plan", 3)];
    let refuse =
        |task: &Task, params: BoostParams| params.validate_for(task, &features).unwrap_err().to_string();
    let with = |set: &dyn Fn(&mut BoostParams)| {
        let mut params = BoostParams::default();
        set(&mut params);
        params
    };
    let rmse = with(&|p| p.eval_metric = Some(EvalMetric::Rmse));
    assert!(refuse(&binary(), rmse).contains("eval_metric = rmse"));
    let weight = with(&|p| p.scale_pos_weight = 3.0);
    assert!(refuse(&Task::Regression, weight).contains("scale_pos_weight = 3"));
    let exact = with(&|p| p.tree_method = TreeMethod::Exact);
    assert!(refuse(&binary(), exact).contains("plan is a category"));
    for name in ["plan", "gone"] {
        let constrained =
            with(&|p| p.monotone_constraints = [(name.to_owned(), Monotone::Increasing)].into());
        assert!(refuse(&binary(), constrained).contains(name));
    }
}
