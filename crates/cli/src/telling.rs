//! What commands say beside their output, on standard error. Nobody may be reading it
//! any more, which ends no work: `eprintln!` would panic.

macro_rules! tell {
    ($($text:tt)*) => {{
        let _ = ::std::io::Write::write_fmt(
            &mut ::std::io::stderr().lock(),
            format_args!("{}\n", format_args!($($text)*)),
        );
    }};
}
