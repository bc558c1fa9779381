//! Clones and forks: started, found by what the answer's headers say, and
//! followed. It must not know how waits go on.

use std::fmt;

use progenitor_client::{Error, ResponseValue};

use super::Client;
use super::types::{CreateOperation, IModelClone, IModelFork};
use crate::IModelId;
use crate::following::Wait;

/// Names the operation that makes the copy.
const OPERATION: &str = "create-imodel-operation";

/// A copy that is being made.
#[derive(Clone, Debug)]
pub struct StartedCopy {
    client: Client,
    /// The iModel that it will be. It can be asked for at once and used when the
    /// [wait](Self::ready) has ended.
    pub imodel: IModelId,
}

impl Client {
    /// Starts to copy an iModel without its history. The answer is empty, and only
    /// its headers tell which iModel the copy will be: this reads them.
    ///
    /// ```no_run
    /// # use twinkit_itwin::{ITwin, imodels::types::IModelClone};
    /// # async fn f(platform: ITwin, wish: IModelClone) -> Result<(), twinkit_itwin::Error> {
    /// let copy = platform.imodels().start_clone("an-imodel", wish).await?;
    /// copy.ready().wait().await?;
    /// println!("{} is ready", copy.imodel);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Operation `Clone iModel`.
    ///
    /// # Errors
    /// What the call says; kind `OperationFailed` if the headers name no iModel,
    /// although the copy may be under way.
    #[inline]
    pub async fn start_clone<I>(&self, imodel: I, wish: IModelClone) -> Result<StartedCopy, Error>
    where
        I: TryInto<IModelId>,
        I::Error: fmt::Display,
    {
        let answer = self.clone_imodel().id(imodel).body(wish).send().await?;
        self.started(&answer, "clone_imodel")
    }

    /// Starts to copy an iModel so that changes can go back, as
    /// [`start_clone`](Self::start_clone) does.
    ///
    /// Operation `Fork iModel`.
    ///
    /// # Errors
    /// As [`start_clone`](Self::start_clone).
    #[inline]
    pub async fn start_fork<I>(&self, imodel: I, wish: IModelFork) -> Result<StartedCopy, Error>
    where
        I: TryInto<IModelId>,
        I::Error: fmt::Display,
    {
        let answer = self.fork_imodel().id(imodel).body(wish).send().await?;
        self.started(&answer, "fork_imodel")
    }

    fn started(
        &self,
        answer: &ResponseValue<()>,
        operation: &'static str,
    ) -> Result<StartedCopy, Error> {
        let links = [answer.location(), answer.header(OPERATION)];
        let Some(imodel) = links.into_iter().flatten().find_map(imodel_of) else {
            let message = "the copy was started, but the answer does not tell which iModel it is";
            return Err(Error::operation_failed(None, message)
                .in_operation(operation)
                .or_hint("look for it with list_imodels"));
        };
        Ok(StartedCopy { client: self.clone(), imodel })
    }
}

impl StartedCopy {
    /// A wait for the end of the copying.
    pub fn ready(&self) -> Wait<CreateOperation> {
        self.client.wait_for_creation(&self.imodel)
    }
}

/// The id in an address such as `.../imodels/{id}` or `.../imodels/{id}/operations`.
fn imodel_of(link: &str) -> Option<IModelId> {
    let mut parts = link.split(['?', '#']).next()?.split('/');
    parts.by_ref().find(|part| part.eq_ignore_ascii_case("imodels"))?;
    IModelId::new(parts.next()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_copy_is_read_out_of_an_address() {
        let read = |link: &str| imodel_of(link).map(String::from);
        let base = "https://api.bentley.com/iModels/i-1";
        assert_eq!(read(base).as_deref(), Some("i-1"));
        assert_eq!(read(&format!("{base}/operations/create?x=/y")).as_deref(), Some("i-1"));
        for odd in ["", "https://api.bentley.com/imodels", "/imodels/", "/itwins/x"] {
            assert_eq!(read(odd), None, "{odd}");
        }
    }
}
