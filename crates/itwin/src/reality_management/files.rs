//! Files of reality data, in their container. It must not know how contents
//! travel.

use std::fmt;

use progenitor_client::{BoxFuture, Error};

use super::Client;
use super::types::ContainerAccess;
use crate::again::{again, both, id};
use crate::transfer::{Contents, Download, Target, Upload};
use crate::{ITwinId, RealityDataId};

impl Client {
    /// Puts a file into the container of reality data, at a path such as
    /// `tiles/0.b3dm`. A file that is there is replaced. Set `authoring` of the
    /// reality data while its files change.
    ///
    /// `itwin` is the iTwin whose permissions count: without one the platform
    /// mostly lets the owner in only, so that it is not left out here.
    ///
    /// Operation `Retrieve write access to reality data container`.
    pub fn upload_file<D, I>(
        &self,
        data: D,
        itwin: I,
        path: impl Into<String>,
        contents: impl Into<Contents>,
    ) -> Upload<()>
    where
        D: TryInto<RealityDataId>,
        D::Error: fmt::Display,
        I: TryInto<ITwinId>,
        I::Error: fmt::Display,
    {
        let of = both(both(id(data), id(itwin)), Ok(path.into()));
        let begin = again(self, of, |client: Self, (of, path): (_, String)| async move {
            let (data, itwin): (RealityDataId, ITwinId) = of;
            let access = client.get_write_access().id(data).itwin_id(itwin).send().await?;
            target(&access, &path, "get_write_access")
        });
        let finish = Box::new(|_| Box::pin(std::future::ready(Ok(()))) as BoxFuture<'static, _>);
        Upload::new(
            self.inner.for_signed_addresses(),
            "upload_file",
            contents.into(),
            Box::new(move |_| begin()),
            finish,
        )
    }

    /// Gets a file out of the container of reality data, as
    /// [`upload_file`](Self::upload_file) puts it.
    ///
    /// Operation `Retrieve read access to reality data container`.
    pub fn fetch_file<D, I>(&self, data: D, itwin: I, path: impl Into<String>) -> Download
    where
        D: TryInto<RealityDataId>,
        D::Error: fmt::Display,
        I: TryInto<ITwinId>,
        I::Error: fmt::Display,
    {
        let of = both(both(id(data), id(itwin)), Ok(path.into()));
        let begin = again(self, of, |client: Self, (of, path): (_, String)| async move {
            let (data, itwin): (RealityDataId, ITwinId) = of;
            let access = client.get_read_access().id(data).itwin_id(itwin).send().await?;
            target(&access, &path, "get_read_access")
        });
        Download::new(self.inner.for_signed_addresses(), "fetch_file", Box::new(begin))
    }
}

fn target(access: &ContainerAccess, path: &str, operation: &'static str) -> Result<Target, Error> {
    let container = Target::of_answer(&access.links.container_url.href, None, operation)?;
    Ok(Target { address: container.address.below(path)?, ..container })
}
