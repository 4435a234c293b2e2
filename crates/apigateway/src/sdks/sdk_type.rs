//! The types of SDK that AWS generates, with the properties that each asks for.

use serde::Serialize;

/// A type of SDK.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SdkType {
    /// What `GetSdk` calls it.
    pub(super) id: &'static str,
    friendly_name: &'static str,
    description: &'static str,
    configuration_properties: &'static [ConfigurationProperty],
}

/// What `GetSdk` must or may be told about an SDK, in its query.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ConfigurationProperty {
    name: &'static str,
    friendly_name: &'static str,
    description: &'static str,
    required: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_value: Option<&'static str>,
}

impl SdkType {
    /// The type with this id.
    pub(super) fn named(id: &str) -> Option<&'static Self> {
        SDK_TYPES.iter().find(|sdk_type| sdk_type.id == id)
    }
}

const fn required(name: &'static str, friendly_name: &'static str, description: &'static str) -> ConfigurationProperty {
    ConfigurationProperty { name, friendly_name, description, required: true, default_value: None }
}

const CLASS_PREFIX: ConfigurationProperty =
    required("classPrefix", "Prefix", "Begins the name of every generated class");

/// All types.
pub(super) static SDK_TYPES: [SdkType; 6] = [
    SdkType {
        id: "java",
        friendly_name: "Java",
        description: "A client for programs in Java",
        configuration_properties: &[
            required("serviceName", "Service Name", "Names the service in classes of the SDK"),
            required("javaPackageName", "Java Package Name", "The package of the generated classes"),
        ],
    },
    SdkType {
        id: super::JAVASCRIPT,
        friendly_name: "JavaScript",
        description: "A client for programs in JavaScript and TypeScript",
        configuration_properties: &[],
    },
    SdkType {
        id: "android",
        friendly_name: "Android",
        description: "A client for apps on Android",
        configuration_properties: &[
            required("groupId", "Group ID", "The group of the generated Maven artifact"),
            required("artifactId", "Artifact ID", "The name of the generated Maven artifact"),
            required("artifactVersion", "Artifact Version", "The version of the generated Maven artifact"),
            required("invokerPackage", "Invoker Package", "The package of the generated classes"),
        ],
    },
    SdkType {
        id: "objectivec",
        friendly_name: "iOS (Objective-C)",
        description: "A client for apps on iOS, in Objective-C",
        configuration_properties: &[CLASS_PREFIX],
    },
    SdkType {
        id: "swift",
        friendly_name: "iOS (Swift)",
        description: "A client for apps on iOS, in Swift",
        configuration_properties: &[CLASS_PREFIX],
    },
    SdkType {
        id: "ruby",
        friendly_name: "Ruby",
        description: "A client for programs in Ruby",
        configuration_properties: &[
            required("service.name", "Service Name", "Names the module of the gem, in letters alone"),
            ConfigurationProperty {
                name: "ruby.gem-name",
                friendly_name: "Ruby Gem Name",
                description: "The gem's name; without it, the service's in lower case with -sdk behind",
                required: false,
                default_value: None,
            },
            ConfigurationProperty {
                name: "ruby.gem-version",
                friendly_name: "Ruby Gem Version",
                description: "The gem's version",
                required: false,
                default_value: Some("1.0.0"),
            },
        ],
    },
];
