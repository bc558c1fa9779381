//! iTwins v1: iTwins, favorites, recents, exports, images and repositories.
//!
//! ```no_run
//! use twinkit_itwin::itwins::types;
//! # async fn f(platform: twinkit_itwin::ITwin) -> Result<(), twinkit_itwin::Error> {
//! // The essentials of each, as the platform gives them by default ...
//! let mut few = platform.itwins().list_itwins().search("bridge").items();
//! while let Some(found) = few.next_item().await {
//!     let found: types::ITwinMinimal = found?;
//!     println!("{}", found.display_name);
//! }
//! // ... or everything: the type of the answer follows.
//! let mut all = platform.itwins().list_itwins().representation().items();
//! while let Some(found) = all.next_item().await {
//!     let found: types::ITwin = found?;
//!     println!("{:?}", found.status);
//! }
//! // A list ends silently at the platform's ceiling unless `x_max_return` is set.
//! println!("{:?}", all.end());
//! # Ok(())
//! # }
//! ```

mod exports;
#[rustfmt::skip]
mod generated;

pub use generated::{Client, OPERATIONS, builder, enums, patches, types};
