//! The rooms without a terminal and without a network: plain values, the npm configuration, the vault.

#![allow(clippy::unwrap_used, missing_docs, reason = "test code")]

mod cidr;
mod debug;
mod granular;
mod home;
mod npmrc_credentials;
mod npmrc_document;
mod npmrc_fix;
mod npmrc_fix_told;
mod npmrc_layers;
mod npmrc_network;
mod npmrc_put;
mod npmrc_scope;
mod npmrc_store;
mod npmrc_survey;
mod otp;
mod vault_files;
mod vault_index;
mod vault_instances;
mod vault_proof;
mod vault_sealed;
