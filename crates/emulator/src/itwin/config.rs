//! Settings of the platform: rates, who may do what from the start, how long
//! things take.

use std::time::Duration;

/// Settings of the iTwin platform; `Config::default()` behaves as documented.
#[derive(Debug, Clone)]
pub struct Config {
    /// Requests before 429; none: never. Trial's are [`Rates::default`].
    pub rates: Option<Rates>,
    /// The subscription tier that answers name.
    pub tier: String,
    /// The region of the gateway that answers name.
    pub region: String,
    /// Where the data of an iTwin lie unless its maker says otherwise.
    pub data_center: String,
    /// Whether everybody may make iTwins in the account of their own, without
    /// the permission `itwins_create` there.
    pub everybody_creates: bool,
    /// Whether a service application administrates the account of its own, and
    /// so can delete what it made.
    pub services_administrate: bool,
    /// How long a job of Access Control is `Active`.
    pub job: Duration,
    /// How long an export is `Queued`, and then as long again `InProgress`.
    pub export_step: Duration,
    /// How long the making of an iModel takes until it is initialized, and then as
    /// long again until its operation is `successful`.
    pub imodel_step: Duration,
    /// How long a checkpoint is `scheduled`.
    pub checkpoint_step: Duration,
    /// How long signed addresses hold.
    pub signed_url: Duration,
    /// How long a message to a webhook waits after each failure before it is sent
    /// again; behind the last it is given up. The platform's schedule is not known.
    pub redeliveries: Vec<Duration>,
    /// Certificates in PEM that callbacks of webhooks may come from, beside those
    /// of the emulator's own authority.
    pub callback_roots: Vec<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            rates: None,
            tier: "iTwin Platform Community".to_owned(),
            region: "East US".to_owned(),
            data_center: "East US".to_owned(),
            everybody_creates: true,
            services_administrate: true,
            job: Duration::from_secs(1),
            export_step: Duration::from_secs(1),
            imodel_step: Duration::from_secs(1),
            checkpoint_step: Duration::from_secs(1),
            signed_url: Duration::from_secs(3600),
            redeliveries: [10, 60, 600, 3600].map(Duration::from_secs).to_vec(),
            callback_roots: Vec::new(),
        }
    }
}

/// Requests that each application may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// In a minute.
    pub per_minute: u32,
    /// In an hour; none: as many as the minutes give.
    pub per_hour: Option<u32>,
    /// Of those to iModels that the platform counts apart; none: as all others.
    pub imodels: Option<ImodelRates>,
}

/// Requests to iModels that each application may send in a minute, beside what
/// [`Rates`] says of all requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImodelRates {
    /// To make an iModel.
    pub creations: u32,
    /// To clone or to fork one; each has a count of its own.
    pub copies: u32,
    /// To acquire a briefcase.
    pub acquisitions: u32,
}

impl Default for Rates {
    fn default() -> Self {
        let imodels = Some(ImodelRates::default());
        Self { per_minute: 500, per_hour: Some(5000), imodels }
    }
}

impl Default for ImodelRates {
    fn default() -> Self {
        Self { creations: 5, copies: 5, acquisitions: 100 }
    }
}
