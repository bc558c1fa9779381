//! What iTwins there are. A list that is empty is explained, and one that the
//! platform cut is told.

use std::io;
use std::process::ExitCode;

use anyhow::Result;
use twinkit::itwin::itwins::enums::QueryScope;
use twinkit::itwin::{ITwin, ListEnd};

use super::{Kind, public};
use crate::hints::spoken;
use crate::identity::claims::printable;
use crate::itwin::list::{Shape, cell, show as show_list};
use crate::itwin::platform::PlatformArgs;
use crate::output::Output;
use crate::table::pairs;

/// List the iTwins that the caller is a member of.
///
/// A list ends silently at 1,000 iTwins unless --max-return asks for more; that is
/// told. Of an empty list it is told why it may be so.
#[derive(clap::Args)]
pub(in crate::itwin) struct ListArgs {
    /// Only those with this text in their number or name.
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Only those of exactly this name.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Only those of exactly this number.
    #[arg(long, value_name = "NUMBER")]
    number: Option<String>,
    /// Only those of this kind.
    #[arg(long, value_enum, value_name = "KIND")]
    kind: Option<Kind>,
    /// Inactive ones, too.
    #[arg(long)]
    inactive: bool,
    /// All of the organization, for its administrators.
    #[arg(long)]
    all: bool,
    /// At most so many.
    #[arg(long, value_name = "COUNT")]
    limit: Option<usize>,
    /// Let the platform go on to so many, instead of 1,000.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(i64).range(1..))]
    max_return: Option<i64>,
}

impl ListArgs {
    fn is_filtered(&self) -> bool {
        self.search.is_some() || self.name.is_some() || self.number.is_some() || self.kind.is_some()
    }
}

pub(super) async fn list(
    args: ListArgs,
    platform: &PlatformArgs,
    output: Output,
) -> Result<ExitCode> {
    let client = platform.connect().await?;
    let (is_filtered, limit) = (args.is_filtered(), args.limit);
    let mut list = client.itwins().list_itwins().representation();
    if let Some(text) = args.search {
        list = list.search(text);
    }
    if let Some(name) = args.name {
        list = list.display_name(name);
    }
    if let Some(number) = args.number {
        list = list.number(number);
    }
    if let Some(kind) = args.kind {
        list = list.sub_class(kind.sub_class().as_str());
    }
    if args.inactive {
        list = list.include_inactive(true);
    }
    if args.all {
        list = list.x_itwin_query_scope(QueryScope::OrganizationAdmin);
    }
    if let Some(max) = args.max_return {
        list = list.x_max_return(max);
    }
    let shape = Shape {
        head: ["ID", "KIND", "NUMBER", "STATUS", "NAME"],
        row: |itwin: twinkit::itwin::itwins::types::ITwin| {
            let status = cell(itwin.status);
            let kind = itwin.sub_class.to_string();
            [itwin.id, kind, cell(itwin.number), status, itwin.display_name]
        },
        document: public,
    };
    let shown = show_list(list.items(), output, limit, shape).await?;
    if let Some(ListEnd::Ceiling(ceiling)) = shown.end {
        tell!("The platform stopped at {ceiling} iTwins; there may be more (--max-return).");
    }
    if shown.count == 0 {
        explain(&client, is_filtered).await;
    }
    Ok(ExitCode::SUCCESS)
}

/// Tells on stderr why there may be nothing. That the reason cannot be found out
/// does not make the list wrong.
async fn explain(client: &ITwin, is_filtered: bool) {
    let Ok(me) = client.whoami().await else { return };
    match me.advice() {
        Some(advice) => tell!("No iTwins: {}", printable(&spoken(&advice))),
        None if is_filtered => tell!("No iTwins fit; without the filters there are some."),
        None => tell!("No iTwins, but inactive ones (--inactive)."),
    }
}

pub(super) async fn show(id: &str, platform: &PlatformArgs, output: Output) -> Result<ExitCode> {
    let client = platform.connect().await?;
    let itwin = client.itwins().get_itwin().id(id).representation().send().await?;
    let itwin = public(itwin.into_inner().itwin);
    if output.json {
        Output::document(&itwin)?;
        return Ok(ExitCode::SUCCESS);
    }
    let class = format!("{} ({})", itwin.sub_class, itwin.class);
    let place = match (itwin.latitude, itwin.longitude) {
        (Some(latitude), Some(longitude)) => format!("{latitude}, {longitude}"),
        _ => String::new(),
    };
    let rows = [
        ("id", itwin.id),
        ("name", itwin.display_name),
        ("number", cell(itwin.number)),
        ("kind", class),
        ("type", cell(itwin.type_)),
        ("status", cell(itwin.status)),
        ("data center", cell(itwin.data_center_location)),
        ("place", itwin.geographic_location.unwrap_or(place)),
        ("time zone", cell(itwin.iana_time_zone)),
        ("account", cell(itwin.itwin_account_id)),
        ("parent", cell(itwin.parent_id)),
        ("created", cell(itwin.created_date_time)),
        ("created by", cell(itwin.created_by)),
        ("modified", cell(itwin.last_modified_date_time)),
    ];
    let known: Vec<_> = rows.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    pairs(&known, &mut io::stdout().lock())?;
    Ok(ExitCode::SUCCESS)
}
