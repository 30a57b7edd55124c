//! Rows as bytes: a tag that says the layout, then the body, sealed.
//!
//! A row never changes its meaning. A new layout gets the next tag, and `upgrade` turns bodies
//! with old tags into it when they are read; they are rewritten when somebody next writes the row.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::StoreError;
use super::seal;
use super::vault::Vault;

/// Why a row's body and its value do not fit.
#[derive(Debug, thiserror::Error)]
pub enum RowError {
    /// No layout with this tag is known.
    #[error("this usina does not know the layout; use a newer usina")]
    UnknownTag,
    /// The body is not what the tag says.
    #[error("the body is not what its tag says: {0}")]
    Json(#[from] serde_json::Error),
    /// The body does not have the length that the tag says.
    #[error("the body has {0} bytes, not the number that its tag says")]
    Length(usize),
}

/// A value that can be a row. Most are JSON: see [`JsonRow`].
pub trait Row: Sized {
    /// Says the layout that `encode` writes.
    const TAG: u8;

    /// The body.
    ///
    /// # Errors
    /// When the value cannot be written down.
    fn encode(&self) -> Result<Vec<u8>, RowError>;

    /// The value of a body that was written with `tag`, which may be older than `TAG`.
    ///
    /// # Errors
    /// When the tag is not known, or the body is not what the tag says.
    fn decode(tag: u8, body: &[u8]) -> Result<Self, RowError>;
}

/// A row whose body is JSON: what a table file implements for its type, in one line.
///
/// Adding a field with `#[serde(default)]`, and making one an `Option` that was always there, keep the
/// tag. Any other change of layout takes the next tag and an upgrade:
/// ```
/// # use serde::{Deserialize, Serialize};
/// use usina::store::{JsonRow, RowError, from_json};
///
/// #[derive(Deserialize)]
/// struct ModelV1 { label: String }
///
/// #[derive(Serialize, Deserialize)]
/// struct Model { labels: Vec<String> }
///
/// impl JsonRow for Model {
///     const TAG: u8 = 2;
///     fn upgrade(tag: u8, body: &[u8]) -> Result<Self, RowError> {
///         match tag {
///             1 => Ok(Model { labels: vec![from_json::<ModelV1>(body)?.label] }),
///             _ => Err(RowError::UnknownTag),
///         }
///     }
/// }
/// ```
pub trait JsonRow: Serialize + DeserializeOwned {
    /// Says the layout that is written.
    const TAG: u8;

    /// The value of a body with an older tag.
    ///
    /// # Errors
    /// `UnknownTag` unless an implementation knows the tag.
    fn upgrade(_tag: u8, _body: &[u8]) -> Result<Self, RowError> {
        Err(RowError::UnknownTag)
    }
}

impl<T: JsonRow> Row for T {
    const TAG: u8 = <T as JsonRow>::TAG;

    fn encode(&self) -> Result<Vec<u8>, RowError> {
        Ok(serde_json::to_vec(self)?)
    }

    fn decode(tag: u8, body: &[u8]) -> Result<Self, RowError> {
        if tag == <T as JsonRow>::TAG {
            from_json(body)
        } else {
            T::upgrade(tag, body)
        }
    }
}

/// Reads a JSON body; for `upgrade`.
///
/// # Errors
/// When the body is not a `T`.
pub fn from_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, RowError> {
    Ok(serde_json::from_slice(body)?)
}

/// The longest body. A row is read whole, so what may grow goes into many rows or into a blob.
pub const ROW_BYTES_MAX: usize = 1 << 20;

/// The stored form of a row: its tag, then its body, sealed to this table, key and tag.
pub(super) fn seal_row<R: Row>(
    vault: &Vault,
    table: &'static str,
    key: &[u8],
    row: &R,
) -> Result<Vec<u8>, StoreError> {
    let body = zeroize::Zeroizing::new(row.encode().map_err(|source| StoreError::Row {
        table,
        tag: R::TAG,
        source,
    })?);
    if body.len() > ROW_BYTES_MAX {
        return Err(StoreError::RowTooLarge {
            table,
            bytes: body.len(),
        });
    }
    let mut stored = vec![R::TAG];
    seal::seal(
        vault.rows(),
        vault.entropy(),
        &context(table, key, R::TAG),
        &body,
        &mut stored,
    )?;
    Ok(stored)
}

/// The row with this stored form.
pub(super) fn open_row<R: Row>(
    vault: &Vault,
    table: &'static str,
    key: &[u8],
    stored: &[u8],
) -> Result<R, StoreError> {
    #[cfg(test)]
    vault.note_opened();
    let (&tag, sealed) = stored
        .split_first()
        .ok_or_else(|| StoreError::damaged_row(table, "it is empty"))?;
    let body = seal::open(vault.rows(), &context(table, key, tag), sealed)
        .ok_or_else(|| StoreError::damaged_row(table, "it was changed, moved or cut"))?;
    R::decode(tag, &body).map_err(|source| StoreError::Row { table, tag, source })
}

/// What a sealed row is bound to. The lengths keep a name and a key from running into each other.
fn context(table: &str, key: &[u8], tag: u8) -> Vec<u8> {
    let mut context = Vec::with_capacity(17 + table.len() + key.len());
    for part in [table.as_bytes(), key] {
        context.extend_from_slice(&(part.len() as u64).to_le_bytes());
        context.extend_from_slice(part);
    }
    context.push(tag);
    context
}
