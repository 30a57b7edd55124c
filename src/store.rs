//! The store: the one place that knows the database and the keys.
//!
//! One file, `usina.redb`, holds everything: rows, sealed one by one, and blobs, cut into chunks,
//! compressed and encrypted. [`Store::read`] and [`Store::write`] take closures over a transaction;
//! [`Table`] gives them typed rows, and [`Blobs`] large content. Nothing outside this layer knows redb.

mod blob;
mod db;
mod engine;
mod error;
mod folder;
mod founding;
mod key;
mod open;
mod row;
mod seal;
mod slots;
mod table;
pub mod tables;
mod tx;
mod vault;
mod writer;

#[cfg(test)]
pub use blob::refs::blobs_there;
pub use blob::{BlobAddress, BlobReader, BlobWriter, Blobs};
pub use db::{Store, StoreOptions};
pub use error::StoreError;
pub use folder::{DATABASE_FILE, KEY_FILE};
pub use key::{Key, NameHash, StartsWith};
pub use row::{JsonRow, ROW_BYTES_MAX, Row, RowError, from_json};
pub use table::{Span, Table};
pub use tx::{Direction, ReadTx, Tx, WriteTx};
pub use vault::{KeyFileProblem, MasterKey, MasterKeyId, PublicKey, Signature, Signer, Vault};

#[cfg(test)]
mod tests;
