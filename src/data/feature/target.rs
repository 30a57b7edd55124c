//! What is predicted, as far as encoding by it must know.

/// What the targets are that categories are encoded by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum TargetKind {
    /// Numbers; also where it is not known yet whether they are 0 and 1.
    #[default]
    Number,
    /// 0 and 1.
    Binary,
    /// Positions in these names: each class becomes a feature of its own.
    Classes(Vec<String>),
}

impl TargetKind {
    /// The classes that features are named after; none where there is one feature alone.
    pub(super) fn named(&self) -> &[String] {
        match self {
            Self::Classes(classes) => classes,
            Self::Number | Self::Binary => &[],
        }
    }

    /// Whether a target is one of these.
    pub(super) fn has(&self, target: f32) -> bool {
        match self {
            Self::Number => target.is_finite(),
            Self::Binary => target == 0.0 || target == 1.0,
            Self::Classes(classes) => {
                target >= 0.0 && target.fract() == 0.0 && (target as usize) < classes.len()
            }
        }
    }
}
