//! Installing what is missing, and nothing else.

use std::thread;
use std::time::Instant;

use anyhow::{Result, anyhow};

use crate::process::shown_duration;
use crate::project::Project;
use crate::{browsers, costs, python, tools};

/// Something that a command needs and that this repository does not hold.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    WasmTarget,
    WasmBindgen,
    WasmPack,
    NpmPackages,
    Peers,
    Chromium,
    Chromedriver,
    Firefox,
    Geckodriver,
    CargoDeny,
    DjRestAuth,
    Valgrind,
}

/// Installs within a lane follow one another; lanes run side by side.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lane {
    Rustup,
    Cargo,
    Npm,
    System,
}

impl Need {
    pub(crate) const ALL: &[Self] = &[
        Self::WasmTarget,
        Self::WasmBindgen,
        Self::WasmPack,
        Self::NpmPackages,
        Self::Chromium,
        Self::Chromedriver,
        Self::Firefox,
        Self::Geckodriver,
        Self::CargoDeny,
        Self::DjRestAuth,
        Self::Valgrind,
    ];

    /// What making the npm package takes.
    pub(crate) const PACKAGE: &[Self] = &[
        Self::WasmTarget,
        Self::WasmBindgen,
        Self::WasmPack,
        Self::NpmPackages,
    ];

    fn is_present(self, project: &Project) -> Result<bool> {
        Ok(match self {
            Self::WasmTarget => tools::wasm_target_is_present(project)?,
            Self::WasmBindgen => tools::WASM_BINDGEN.is_present(project),
            Self::WasmPack => tools::WASM_PACK.is_present(project),
            Self::NpmPackages => tools::DEVELOPMENT.are_present(project)?,
            Self::Peers => tools::PEERS.are_present(project)?,
            Self::Chromium => browsers::chromium(project).is_some(),
            Self::Chromedriver => browsers::chromedriver(project).is_some(),
            Self::Firefox => browsers::firefox(project).is_some(),
            Self::Geckodriver => browsers::geckodriver(project).is_some(),
            Self::CargoDeny => tools::CARGO_DENY.is_present(project),
            Self::DjRestAuth => python::packages_are_present(project)?,
            Self::Valgrind => costs::valgrind_is_present(project),
        })
    }

    fn lane(self) -> Lane {
        match self {
            Self::WasmTarget => Lane::Rustup,
            Self::WasmBindgen | Self::WasmPack | Self::Geckodriver | Self::CargoDeny => Lane::Cargo,
            Self::NpmPackages | Self::Peers => Lane::Npm,
            Self::Chromium
            | Self::Chromedriver
            | Self::Firefox
            | Self::DjRestAuth
            | Self::Valgrind => Lane::System,
        }
    }
}

/// Sees to it that these are there.
pub(crate) fn provide(project: &Project, needs: &[Need]) -> Result<()> {
    let _lock = project.lock("setup")?;
    let mut missing = Vec::new();
    for need in needs {
        if !missing.contains(need) && !need.is_present(project)? {
            missing.push(*need);
        }
    }
    let failures: Vec<_> = thread::scope(|scope| {
        let lanes = [Lane::Rustup, Lane::System, Lane::Npm, Lane::Cargo].map(|lane| {
            let of_lane: Vec<Need> = missing
                .iter()
                .copied()
                .filter(|need| need.lane() == lane)
                .collect();
            scope.spawn(move || install(project, lane, &of_lane))
        });
        lanes
            .into_iter()
            .filter_map(|lane| {
                lane.join()
                    .unwrap_or_else(|_| Err(anyhow!("the set-up panicked")))
                    .err()
            })
            .collect()
    });
    match failures.len() {
        0 => Ok(()),
        _ => Err(anyhow!(
            failures
                .iter()
                .map(|failure| format!("{failure:#}"))
                .collect::<Vec<_>>()
                .join("\n\n")
        )),
    }
}

fn install(project: &Project, lane: Lane, needs: &[Need]) -> Result<()> {
    if lane == Lane::System {
        let packages: Vec<&str> = needs
            .iter()
            .flat_map(|need| match need {
                Need::Chromium => &["chromium"],
                Need::Chromedriver => &["chromium-driver"],
                Need::Firefox => &["firefox-esr"],
                Need::Valgrind => &["valgrind"],
                Need::DjRestAuth => python::missing_system_packages(project),
                _ => &[] as &[&str],
            })
            .copied()
            .collect();
        if !packages.is_empty() {
            step(&packages.join(", "), || {
                browsers::install_system_packages(project, &packages)
            })?;
        }
    }
    for need in needs {
        match need {
            Need::WasmTarget => step(tools::WASM_TARGET, || tools::install_wasm_target(project))?,
            Need::NpmPackages => step("the npm packages of tests/package.json", || {
                tools::DEVELOPMENT.install(project)
            })?,
            Need::Peers => step("the npm packages of benches/browser/package.json", || {
                tools::PEERS.install(project)
            })?,
            Need::WasmBindgen => install_tool(project, &tools::WASM_BINDGEN)?,
            Need::WasmPack => install_tool(project, &tools::WASM_PACK)?,
            Need::Geckodriver => install_tool(project, &tools::GECKODRIVER)?,
            Need::CargoDeny => install_tool(project, &tools::CARGO_DENY)?,
            Need::DjRestAuth => step("dj-rest-auth, and what it needs, from PyPI", || {
                python::install_packages(project)
            })?,
            Need::Chromium | Need::Chromedriver | Need::Firefox | Need::Valgrind => {}
        }
    }
    if lane == Lane::Cargo {
        tools::remove_build_folder(project)?;
    }
    Ok(())
}

fn install_tool(project: &Project, tool: &tools::CargoTool) -> Result<()> {
    step(&format!("{} {}", tool.krate, tool.version), || {
        tool.install(project)
    })
}

fn step(name: &str, install: impl FnOnce() -> Result<()>) -> Result<()> {
    eprintln!("setup: installing {name}");
    let started = Instant::now();
    install()?;
    eprintln!(
        "setup: installed {name} in {}",
        shown_duration(started.elapsed())
    );
    Ok(())
}
