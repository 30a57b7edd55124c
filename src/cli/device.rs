//! `--device`: where nets run, as the commands take it that train or serve.

use anyhow::anyhow;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::error::Failure;
use crate::engine::device::{DeviceChoice, Devices, NoGpu};

/// Reads `--device`.
pub fn choice() -> impl TypedValueParser<Value = DeviceChoice> {
    PossibleValuesParser::new(DeviceChoice::NAMES).try_map(|name| name.parse::<DeviceChoice>())
}

/// Opens what is `asked` for, and says once what it is. `out_of_reach`: why no GPU can be, if that is known already.
///
/// # Errors
/// A GPU is asked for, and there is none.
pub fn open(asked: DeviceChoice, out_of_reach: Option<NoGpu>) -> Result<Devices, Failure> {
    let devices = match out_of_reach {
        Some(why) => Devices::without_gpu(asked, why),
        None => Devices::open(asked),
    };
    let device = devices.of(None).map_err(|why| refused(&why))?;
    match devices.no_gpu() {
        Some(why) if asked == DeviceChoice::Auto => tracing::info!("nets are trained on the CPU: {why}"),
        _ => tracing::info!("nets are trained on {}", device.info()),
    }
    Ok(devices)
}

/// That a GPU was asked for, and is not there.
pub fn refused(why: &NoGpu) -> Failure {
    Failure::Failed(anyhow!("--device gpu: {}", why.with_remedy()))
}
