//! The AWS managed policies that have to do with functions and gateways ("AWS Managed Policy Reference Guide").
//!
//! Each is stated here by its permissions as AWS documents them; the other managed policies have no document here.

/// The document of the AWS managed policy with this ARN, if it is one of those known here. Its contents are the same in every
/// partition.
#[must_use]
pub fn managed_policy(arn: &str) -> Option<&'static str> {
    let (partition, name) = arn.strip_prefix("arn:")?.split_once(":iam::aws:policy/")?;
    if !matches!(partition, "aws" | "aws-cn" | "aws-us-gov") {
        return None;
    }
    MANAGED_POLICIES.iter().find(|(known, _)| *known == name).map(|(_, document)| *document)
}

/// Path and name as they stand behind `policy/`, and the document.
pub(super) const MANAGED_POLICIES: [(&str, &str); 7] = [
    ("AdministratorAccess", ADMINISTRATOR_ACCESS),
    ("AWSLambda_FullAccess", LAMBDA_FULL_ACCESS),
    ("AmazonAPIGatewayAdministrator", GATEWAY_ADMINISTRATOR),
    ("AmazonAPIGatewayInvokeFullAccess", GATEWAY_INVOKE_FULL_ACCESS),
    ("service-role/AWSLambdaRole", LAMBDA_ROLE),
    ("service-role/AWSLambdaBasicExecutionRole", LAMBDA_BASIC_EXECUTION_ROLE),
    ("service-role/AmazonAPIGatewayPushToCloudWatchLogs", GATEWAY_PUSH_TO_CLOUD_WATCH_LOGS),
];

const ADMINISTRATOR_ACCESS: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }]
}"#;

const LAMBDA_FULL_ACCESS: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": [
        "cloudformation:DescribeStacks", "cloudformation:ListStacks", "cloudformation:ListStackResources",
        "cloudwatch:ListMetrics", "cloudwatch:GetMetricData",
        "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs",
        "kms:ListAliases",
        "iam:GetPolicy", "iam:GetPolicyVersion", "iam:GetRole", "iam:GetRolePolicy",
        "iam:ListAttachedRolePolicies", "iam:ListRolePolicies", "iam:ListRoles",
        "lambda:*",
        "logs:DescribeLogGroups",
        "states:DescribeStateMachine", "states:ListStateMachines",
        "tag:GetResources",
        "xray:GetTraceSummaries", "xray:BatchGetTraces"
      ],
      "Resource": "*"
    },
    {
      "Effect": "Allow",
      "Action": "iam:PassRole",
      "Resource": "*",
      "Condition": { "StringEquals": { "iam:PassedToService": "lambda.amazonaws.com" } }
    },
    {
      "Effect": "Allow",
      "Action": ["logs:DescribeLogStreams", "logs:GetLogEvents", "logs:FilterLogEvents"],
      "Resource": "arn:aws:logs:*:*:log-group:/aws/lambda/*"
    }
  ]
}"#;

const GATEWAY_ADMINISTRATOR: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [{ "Effect": "Allow", "Action": ["apigateway:*"], "Resource": "arn:aws:apigateway:*::/*" }]
}"#;

const GATEWAY_INVOKE_FULL_ACCESS: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["execute-api:Invoke", "execute-api:ManageConnections"],
      "Resource": "arn:aws:execute-api:*:*:*"
    }
  ]
}"#;

const LAMBDA_ROLE: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [{ "Effect": "Allow", "Action": ["lambda:InvokeFunction"], "Resource": ["*"] }]
}"#;

const LAMBDA_BASIC_EXECUTION_ROLE: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
      "Resource": "*"
    }
  ]
}"#;

const GATEWAY_PUSH_TO_CLOUD_WATCH_LOGS: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": [
        "logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogGroups", "logs:DescribeLogStreams",
        "logs:PutLogEvents", "logs:GetLogEvents", "logs:FilterLogEvents"
      ],
      "Resource": "*"
    }
  ]
}"#;
