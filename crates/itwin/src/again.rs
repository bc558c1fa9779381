//! Calls that are made as often as they are asked for, about things whose ids may have
//! been refused. It must not know what is asked, nor why it is asked again.

use std::fmt;
use std::future::Future;

use progenitor_client::{BoxFuture, Error, Refused};

/// An id to be sent, or the refusal to be told instead.
pub(crate) fn id<I, T>(id: I) -> Result<T, Refused>
where
    I: TryInto<T>,
    I::Error: fmt::Display,
{
    id.try_into().map_err(Refused::because)
}

/// Two that are sent together, or the first refusal.
#[cfg(any(feature = "access-control", feature = "imodels", feature = "reality-management"))]
pub(crate) fn both<A, B>(
    first: Result<A, Refused>,
    second: Result<B, Refused>,
) -> Result<(A, B), Refused> {
    Ok((first?, second?))
}

/// Makes `call` of a client with what was given each time it is asked to; where that
/// was refused, nothing is sent and the refusal is told.
pub(crate) fn again<C, K, T, F>(
    client: &C,
    given: Result<K, Refused>,
    call: impl Fn(C, K) -> F + Send + Sync + 'static,
) -> impl Fn() -> BoxFuture<'static, Result<T, Error>> + Send + Sync + 'static
where
    C: Clone + Send + Sync + 'static,
    K: Clone + Send + Sync + 'static,
    F: Future<Output = Result<T, Error>> + Send + 'static,
{
    let client = client.clone();
    move || {
        let made = given.clone().map(|given| call(client.clone(), given));
        Box::pin(async move { made?.await })
    }
}
