//! The browsers and their drivers: found where they are, or installed where that can be done unasked.

use std::env;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::process::{command, find_program, output, run_quietly};
use crate::project::Project;
use crate::tools::GECKODRIVER;

/// A program that is taken from a variable, the `PATH`, or a usual place.
struct Found {
    variables: &'static [&'static str],
    programs: &'static [&'static str],
    usual_places: &'static [&'static str],
}

const CHROMIUM: Found = Found {
    variables: &["CHROME", "CHROMIUM"],
    programs: &[
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
        "chrome",
    ],
    usual_places: &[
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
    ],
};

const CHROMEDRIVER: Found = Found {
    variables: &["CHROMEDRIVER"],
    programs: &["chromedriver"],
    usual_places: &[
        "/usr/lib/chromium/chromedriver",
        "/usr/lib/chromium-browser/chromedriver",
    ],
};

const FIREFOX: Found = Found {
    variables: &["FIREFOX"],
    programs: &["firefox", "firefox-esr"],
    usual_places: &["/Applications/Firefox.app/Contents/MacOS/firefox"],
};

const GECKO: Found = Found {
    variables: &["GECKODRIVER"],
    programs: &[GECKODRIVER.program],
    usual_places: &[],
};

impl Found {
    fn path(&self, project: &Project) -> Option<PathBuf> {
        let named = self
            .variables
            .iter()
            .find_map(env::var_os)
            .map(PathBuf::from);
        named
            .or_else(|| find_program(project, self.programs))
            .or_else(|| {
                self.usual_places
                    .iter()
                    .map(PathBuf::from)
                    .find(|place| place.is_file())
            })
    }
}

pub(crate) fn chromium(project: &Project) -> Option<PathBuf> {
    CHROMIUM.path(project)
}

pub(crate) fn chromedriver(project: &Project) -> Option<PathBuf> {
    CHROMEDRIVER.path(project)
}

pub(crate) fn firefox(project: &Project) -> Option<PathBuf> {
    FIREFOX.path(project)
}

pub(crate) fn geckodriver(project: &Project) -> Option<PathBuf> {
    GECKO.path(project)
}

/// Installs packages of the system, where that needs no password; otherwise says what to install.
pub(crate) fn install_system_packages(project: &Project, packages: &[&str]) -> Result<()> {
    let is_root = output(command(project, "id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if !is_root || find_program(project, &["apt-get"]).is_none() {
        bail!("{}", advice(packages));
    }
    let apt_get = || {
        let mut apt_get = command(project, "apt-get");
        apt_get.env("DEBIAN_FRONTEND", "noninteractive").arg("-q");
        apt_get
    };
    run_quietly(apt_get().arg("update"))?;
    run_quietly(
        apt_get()
            .args(["install", "-y", "--no-install-recommends"])
            .args(packages),
    )
    .with_context(|| advice(packages))
}

fn advice(packages: &[&str]) -> String {
    format!(
        "missing for the checks: {0}. On Debian: `sudo apt-get install {0}`. Elsewhere: install \
         Chrome or Chromium with the chromedriver of its version, Firefox, and Python 3.11 or newer; where the \
         browsers are not found, name them in CHROME, CHROMEDRIVER, FIREFOX and GECKODRIVER",
        packages.join(" ")
    )
}
