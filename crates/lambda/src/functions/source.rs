//! Where a function's code comes from: `FunctionCode` and the like members of `UpdateFunctionCode`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use definition::function::Function;
use serde::Deserialize;
use store::{Sha256Hash, Transaction};

use super::config::refuse;
use crate::code::{PackageError, ZIPPED_BYTES_MAX, base64_of};
use crate::failure::{Failure, Result};

/// The members that name code.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct CodeInput {
    zip_file: Option<String>,
    s3_bucket: Option<String>,
    s3_key: Option<String>,
    image_uri: Option<String>,
    #[serde(rename = "SourceKMSKeyArn")]
    source_kms_key_arn: Option<String>,
}

impl std::fmt::Debug for CodeInput {
    /// Without the package.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CodeInput").finish_non_exhaustive()
    }
}

impl CodeInput {
    /// The package that came with the request.
    pub(crate) fn package(self) -> Result<Package> {
        refuse("code from S3", self.s3_bucket.is_some() || self.s3_key.is_some())?;
        refuse("code from a container image", self.image_uri.is_some())?;
        refuse("SourceKMSKeyArn", self.source_kms_key_arn.is_some())?;
        let Some(zip_file) = self.zip_file else {
            let text = "Please provide a source for function code.";
            return Err(Failure::InvalidParameterValue(text.to_owned()));
        };
        let zip = STANDARD.decode(zip_file).map_err(|error| Failure::Serialization(error.to_string()))?;
        Package::new(zip)
    }
}

/// A package within the limit of an upload.
pub(crate) struct Package {
    hash: Sha256Hash,
    zip: Bytes,
}

impl Package {
    /// Names the package by its digest.
    pub(crate) fn new(zip: Vec<u8>) -> Result<Self> {
        if zip.len() > ZIPPED_BYTES_MAX {
            return Err(PackageError::Zipped { bytes: zip.len() }.into());
        }
        if zip.is_empty() {
            return Err(PackageError::Empty.into());
        }
        Ok(Self { hash: Sha256Hash::of(&zip), zip: Bytes::from(zip) })
    }

    pub(crate) fn hash(&self) -> Sha256Hash {
        self.hash
    }

    pub(crate) fn bytes(&self) -> Bytes {
        self.zip.clone()
    }

    /// Whether the bytes are an archive at all.
    pub(crate) fn check(&self) -> Result<()> {
        let archive = zip::ZipArchive::new(std::io::Cursor::new(&self.zip[..])).map_err(|_| PackageError::Corrupt)?;
        if archive.is_empty() {
            return Err(PackageError::Empty.into());
        }
        Ok(())
    }

    /// Keeps the package and makes it the function's code.
    pub(crate) fn store(&self, transaction: &mut Transaction<'_>, function: &mut Function) -> Result<()> {
        transaction.put_blob(&self.zip)?;
        self.describe(function);
        Ok(())
    }

    /// Makes the package the function's code, without keeping it.
    pub(crate) fn describe(&self, function: &mut Function) {
        function.code_size = u64::try_from(self.zip.len()).unwrap_or(u64::MAX);
        function.code_sha256 = base64_of(self.hash);
    }
}
