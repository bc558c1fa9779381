//! What a running emulator tells: where everything listens, and how to point
//! programs at it. It must not know how the emulator was started.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;
use twinkit_emulator::identity as entra;
use twinkit_emulator::iot_central::MAIN_APPLICATION;
use twinkit_emulator::managed_identity::Host;
use twinkit_emulator::{Emulator, ims};

type Variables = BTreeMap<String, String>;

/// The first line of `--json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Listening {
    services: BTreeMap<String, String>,
    env: Variables,
    /// Variables per kind of host; a program is given those of one.
    managed_identity: BTreeMap<Host, Variables>,
    arc_key_folder: String,
    /// Addresses of the IoT Central applications, by name.
    iot_central_applications: BTreeMap<String, String>,
}

impl Listening {
    /// `applications` are the names of those beside the first.
    pub(crate) fn new(emulator: &Emulator, applications: &[String]) -> Self {
        let names = applications.iter().map(String::as_str).chain([MAIN_APPLICATION]);
        let url = |name: &str| Some((name.to_owned(), emulator.iot_central_url_of(name)?));
        Self {
            services: emulator.services(),
            env: emulator.env(),
            managed_identity: Host::ALL
                .into_iter()
                .map(|host| (host, emulator.managed_identity_env(host)))
                .collect(),
            arc_key_folder: emulator.arc_key_folder().display().to_string(),
            iot_central_applications: names.filter_map(url).collect(),
        }
    }

    /// The same for people, ready to be pasted into a shell.
    pub(crate) fn print(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "The emulator is running. Services:")?;
        for (name, url) in &self.services {
            writeln!(out, "  {name:<16} {url}")?;
        }
        writeln!(out, "\nFor clients and for the vendors' own tools:")?;
        for (name, value) in &self.env {
            writeln!(out, "  export {name}='{value}'")?;
        }
        // Not to be exported all at once: they are of different hosts.
        writeln!(out, "\nFor programs with a managed identity, the variables of one host:")?;
        for (host, variables) in &self.managed_identity {
            writeln!(out, "  {}", name_of(*host))?;
            for (name, value) in variables {
                writeln!(out, "    {name}='{value}'")?;
            }
        }
        writeln!(out, "    (key files in {})", self.arc_key_folder)?;
        self.print_applications(out)?;
        self.print_login(out)?;
        self.print_azure_cli(out)?;
        writeln!(out, "\nStop it with Ctrl-C.")
    }

    fn print_applications(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "\nIoT Central applications, for `twinkit iot-central --app URL`:")?;
        for (name, url) in &self.iot_central_applications {
            writeln!(out, "  {name:<16} {url}")?;
        }
        Ok(())
    }

    /// How a person signs in; the emulator's page asks for no password.
    fn print_login(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "\nTo sign in as a person, with the variables above:")?;
        writeln!(
            out,
            "  twinkit login entra --client-id {} --store file",
            entra::NATIVE_CLIENT_ID
        )?;
        writeln!(out, "  twinkit login ims --client-id {} --store file", ims::NATIVE_CLIENT_ID)
    }

    fn print_azure_cli(&self, out: &mut impl Write) -> io::Result<()> {
        let url = |name: &str| self.services.get(name).map_or("", String::as_str);
        let (manager, authority) = (url("resource-manager"), url("identity"));
        if !authority.starts_with("https://") {
            return writeln!(out, "\nFor the Azure CLI, which takes https only, start with --tls.");
        }
        let storage = url("storage").trim_start_matches("https://");
        writeln!(out, "\nFor the Azure CLI, beside the variables above:")?;
        for line in [
            "export AZURE_CONFIG_DIR=\"$PWD/az-config\" AZURE_CORE_INSTANCE_DISCOVERY=false",
            "az cloud register -n twinkit \\",
        ] {
            writeln!(out, "  {line}")?;
        }
        for (option, value) in [
            ("endpoint-resource-manager", manager),
            ("endpoint-active-directory", authority),
            ("endpoint-active-directory-resource-id", "https://management.core.windows.net/"),
            ("endpoint-active-directory-graph-resource-id", "https://graph.windows.net/"),
        ] {
            writeln!(out, "    --{option} {value} \\")?;
        }
        writeln!(out, "    --suffix-storage-endpoint {storage}")?;
        for line in [
            "az cloud set -n twinkit",
            "az login --service-principal --tenant \"$AZURE_TENANT_ID\" \\",
            "  -u \"$AZURE_CLIENT_ID\" -p \"$AZURE_CLIENT_SECRET\"",
        ] {
            writeln!(out, "  {line}")?;
        }
        // The vendor's tool puts the host together from two texts; the emulator
        // takes the first part of the path for the host.
        let host = url("iot-central").trim_start_matches("https://");
        for name in self.iot_central_applications.keys() {
            writeln!(
                out,
                "  az iot central user list --app-id {host}/{name} --central-dns-suffix \
                 azureiotcentral.com"
            )?;
        }
        Ok(())
    }
}

fn name_of(host: Host) -> &'static str {
    match host {
        Host::Imds => "virtual machine",
        Host::AppService => "App Service, Functions, Container Apps",
        Host::AzureMl => "Azure Machine Learning",
        Host::CloudShell => "Cloud Shell",
        Host::Arc => "Azure Arc",
        _ => "another host",
    }
}
