//! Progress bars.

use std::future::Future;
use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A progress bar in a terminal, nothing elsewhere.
pub fn bar(length: u64) -> ProgressBar {
    let target = if std::io::stderr().is_terminal() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    ProgressBar::with_draw_target(Some(length), target)
        .with_style(style("[{bar:40}] {percent}%  {elapsed_precise}"))
}

/// A bar's look.
pub fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ")
}

/// What takes no longer than this shows no bar.
const PATIENCE: Duration = Duration::from_secs(2);

/// A bar of `length` bytes, if that is known; shows nothing by itself.
pub fn bytes(length: Option<u64>) -> ProgressBar {
    let look = match length {
        Some(_) => "[{bar:30}] {bytes} of {total_bytes}  {elapsed_precise}  {msg}",
        None => "{spinner} {bytes}  {elapsed_precise}  {msg}",
    };
    ProgressBar::with_draw_target(length, ProgressDrawTarget::hidden()).with_style(style(look))
}

/// Waits for `work`; shows `bar` in a terminal, once that takes long.
pub async fn shown<T>(bar: &ProgressBar, work: impl Future<Output = T>) -> T {
    tokio::pin!(work);
    let late = tokio::time::sleep(PATIENCE);
    let done = tokio::select! {
        done = &mut work => done,
        () = late => {
            if std::io::stderr().is_terminal() {
                bar.set_draw_target(ProgressDrawTarget::stderr());
                bar.enable_steady_tick(Duration::from_millis(200));
            }
            work.await
        }
    };
    bar.finish_and_clear();
    done
}
