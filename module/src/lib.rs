//! The WebAssembly modules of the npm package `sessionkeeper`: one for each feature.

extern crate sessionkeeper as _;
