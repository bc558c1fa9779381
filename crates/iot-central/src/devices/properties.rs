//! Properties of a device: what it reported and what was asked of it, told
//! apart. It must not know any template.

use std::fmt;

use progenitor_client::{Error, Json, Method, Refused, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::level::{Level, Names};
use super::members::Members;
use crate::{Client, DeviceId, OPERATIONS};

static GET: Names = Names {
    device: "get_device_properties",
    component: "get_component_properties",
    module: "get_module_properties",
    module_component: "get_module_component_properties",
};
static UPDATE: Names = Names {
    device: "update_device_properties",
    component: "update_component_properties",
    module: "update_module_properties",
    module_component: "update_module_component_properties",
};
static REPLACE: Names = Names {
    device: "replace_device_properties",
    component: "replace_component_properties",
    module: "replace_module_properties",
    module_component: "replace_module_component_properties",
};

impl Client {
    /// The properties of a device, to be read and written.
    ///
    /// ```no_run
    /// # async fn f(client: twinkit_iot_central::Client) -> Result<(), twinkit_iot_central::Error> {
    /// let motor = client.properties("pump-1").component("motor");
    /// motor.set(&serde_json::json!({"targetSpeed": 1200})).await?;
    /// let properties = motor.get().await?;
    /// if let Some(speed) = properties.property("targetSpeed") {
    ///     let asked: Option<f64> = speed.desired()?;
    ///     let reported: Option<f64> = speed.reported()?;
    ///     println!("{asked:?}, so far {reported:?}, pending: {}", speed.is_pending());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn properties<I>(&self, device_id: I) -> PropertiesOf<'_>
    where
        I: TryInto<DeviceId>,
        I::Error: fmt::Display,
    {
        PropertiesOf { client: self, level: Level::of(device_id) }
    }
}

/// Where properties are read and written.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until one of its calls is awaited"]
pub struct PropertiesOf<'a> {
    client: &'a Client,
    level: Result<Level, Refused>,
}

impl PropertiesOf<'_> {
    /// Those of this component, of the device or of the module.
    pub fn component(mut self, name: &str) -> Self {
        if let Ok(level) = &mut self.level {
            level.set_component(name);
        }
        self
    }

    /// Those of this module of an edge device.
    pub fn module(mut self, name: &str) -> Self {
        if let Ok(level) = &mut self.level {
            level.set_module(name);
        }
        self
    }

    /// Reads them.
    ///
    /// # Errors
    /// An id or name that no URL can express, before anything is sent; what the
    /// service says.
    pub async fn get(&self) -> Result<DeviceProperties, Error> {
        self.call(Method::GET, &GET, None).await
    }

    /// Sets the writable properties that `values` has, and leaves the others.
    /// The service takes the values up (202); whether the device does shows in
    /// [`Property::is_pending`].
    ///
    /// # Errors
    /// As [`get`](Self::get); also if `values` has no JSON form.
    pub async fn set<T: Serialize + ?Sized>(&self, values: &T) -> Result<DeviceProperties, Error> {
        self.call(Method::PATCH, &UPDATE, Some(Json::from_serialize(values)?)).await
    }

    /// Sets the writable properties to `values` and takes away those that it
    /// does not have.
    ///
    /// # Errors
    /// As [`set`](Self::set).
    pub async fn replace<T: Serialize + ?Sized>(
        &self,
        values: &T,
    ) -> Result<DeviceProperties, Error> {
        self.call(Method::PUT, &REPLACE, Some(Json::from_serialize(values)?)).await
    }

    async fn call(
        &self,
        method: Method,
        names: &'static Names,
        body: Option<Json>,
    ) -> Result<DeviceProperties, Error> {
        let level = self.level.as_ref().map_err(Refused::clone)?;
        let request = self.client.inner.request(method, &level.path("/properties")?);
        let mut request = request.operation(OPERATIONS, level.operation(names));
        if let Some(body) = &body {
            request = request.json_body(body);
        }
        let answer = Box::pin(request.json::<Json>()).await?;
        DeviceProperties::try_from(answer.into_inner())
    }
}

/// Properties of one level: of a device, a component or a module.
///
/// ```
/// use twinkit_iot_central::{DeviceProperties, Json};
///
/// let properties = DeviceProperties::try_from(Json::from_text(
///     r#"{"speed": 900, "$metadata": {"speed": {"desiredValue": 1200, "desiredVersion": 2,
///         "ackVersion": 1, "ackCode": 200}}}"#,
/// )?)?;
/// let speed = properties.property("speed").unwrap();
/// assert_eq!(speed.reported::<u32>()?, Some(900));
/// assert_eq!(speed.desired::<u32>()?, Some(1200));
/// assert!(speed.is_pending());
/// # Ok::<(), twinkit_iot_central::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct DeviceProperties {
    document: Json,
    values: Members,
    metadata: Vec<(String, PropertyMetadata)>,
}

/// What the service knows of one property. Members that are not declared are in
/// [`DeviceProperties::document`].
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PropertyMetadata {
    /// When the device last reported it.
    pub last_update_time: Option<Timestamp>,
    /// What was asked of the device.
    pub desired_value: Option<Json>,
    /// The version of what was asked.
    pub desired_version: Option<i64>,
    /// Which version the device took up.
    pub ack_version: Option<i64>,
    /// With which status of its own.
    pub ack_code: Option<i64>,
    /// With which words.
    pub ack_description: Option<String>,
}

/// One property: what was reported and what was asked.
#[derive(Clone, Copy, Debug)]
pub struct Property<'a> {
    value: Option<&'a Json>,
    metadata: Option<&'a PropertyMetadata>,
}

impl TryFrom<Json> for DeviceProperties {
    type Error = Error;

    /// Like much here it is compiled where it is used: nobody else pays for it.
    #[inline]
    fn try_from(document: Json) -> Result<Self, Error> {
        let mut values: Members = document.parse()?;
        let metadata = match values.remove("$metadata") {
            Some(metadata) => read_metadata(&metadata)?,
            None => Vec::new(),
        };
        Ok(Self { document, values, metadata })
    }
}

/// Of entries that are no property's, such as a time of the whole level, none is
/// made.
#[inline]
fn read_metadata(metadata: &Json) -> Result<Vec<(String, PropertyMetadata)>, Error> {
    let Members(entries) = metadata.parse()?;
    let mut read = Vec::new();
    for (name, entry) in entries {
        if entry.get().starts_with('{') {
            read.push((name, entry.parse()?));
        }
    }
    Ok(read)
}

impl DeviceProperties {
    /// All of it, as it came.
    #[must_use]
    pub fn document(&self) -> &Json {
        &self.document
    }

    /// The names of all properties and components, reported or asked for.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let asked = self.metadata.iter().map(|(name, _)| name);
        let asked = asked.filter(|name| self.values.get(name).is_none());
        let values = self.values.0.iter().map(|(name, _)| name);
        values.chain(asked).map(String::as_str).collect()
    }

    /// One property; `None` if neither the device nor the service knows it.
    #[must_use]
    pub fn property(&self, name: &str) -> Option<Property<'_>> {
        let value = self.values.get(name);
        let metadata = self.metadata.iter().find(|(known, _)| known == name).map(|(_, data)| data);
        (value.is_some() || metadata.is_some()).then_some(Property { value, metadata })
    }

    /// The properties of a component, which stand in those of its device or
    /// module; `None` if there is no such object.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if it is no set of
    /// properties.
    pub fn component(&self, name: &str) -> Result<Option<Self>, Error> {
        let component = self.values.get(name).filter(|value| value.get().starts_with('{'));
        component.cloned().map(Self::try_from).transpose()
    }
}

impl<'a> Property<'a> {
    /// What the device reported, or a cloud property's value; `None` until it
    /// reports.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if it is no `T`.
    pub fn reported<T: DeserializeOwned>(&self) -> Result<Option<T>, Error> {
        self.value.map(Json::parse).transpose()
    }

    /// What was asked of the device; `None` if nothing was.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if it is no `T`.
    pub fn desired<T: DeserializeOwned>(&self) -> Result<Option<T>, Error> {
        let desired = self.metadata.and_then(|metadata| metadata.desired_value.as_ref());
        desired.map(Json::parse).transpose()
    }

    /// Whether something was asked that the device has not answered: the version
    /// it took up is not the one asked for.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.metadata.is_some_and(|metadata| {
            metadata.desired_value.is_some() && metadata.ack_version != metadata.desired_version
        })
    }

    /// What else is known of it.
    #[must_use]
    pub fn metadata(&self) -> Option<&'a PropertyMetadata> {
        self.metadata
    }
}
