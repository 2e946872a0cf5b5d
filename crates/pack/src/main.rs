//! `logitdraw-pack MODULE TEXT` writes the text of a module.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let [module, text] = &arguments[..] else {
        eprintln!("usage: logitdraw-pack MODULE TEXT");
        return ExitCode::from(2);
    };
    let written = std::fs::read(module).map_err(|error| error.to_string()).and_then(|module| {
        let packed =
            logitdraw_pack::pack(&module).ok_or("it is no module, too large, or holds what walk.rs does not know")?;
        std::fs::write(text, packed).map_err(|error| error.to_string())
    });
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {error}", module.display());
            ExitCode::FAILURE
        }
    }
}
