//! AWS: "Building a custom runtime for AWS Lambda": the tutorial's loop, in bash.

use std::sync::Arc;

use serde_json::json;

use crate::fixture::Host;

/// Bash alone, with its own TCP: no program but `cat` and `head` is needed.
const BOOTSTRAP: &str = r#"#!/bin/bash
set -u
host=${AWS_LAMBDA_RUNTIME_API%:*} port=${AWS_LAMBDA_RUNTIME_API#*:}
base=/2018-06-01/runtime/invocation
post() {
  exec 4<>"/dev/tcp/$host/$port"
  printf 'POST %s HTTP/1.1\r\nHost: gate\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s' "$1" "${#2}" "$2" >&4
  cat <&4 >/dev/null
  exec 4>&-
}
while true; do
  exec 3<>"/dev/tcp/$host/$port"
  printf 'GET %s/next HTTP/1.1\r\nHost: gate\r\nConnection: close\r\n\r\n' "$base" >&3
  id='' length=0
  while IFS= read -r line <&3; do
    line=${line%$'\r'}
    case $line in
      'Lambda-Runtime-Aws-Request-Id: '*) id=${line#*: } ;;
      'Content-Length: '*) length=${line#*: } ;;
      '') break ;;
    esac
  done
  event=$(head -c "$length" <&3)
  exec 3>&-
  echo "event $event"
  case $event in
    *exit*) exit 7 ;;
    *fail*) post "$base/$id/error" '{"errorType":"Bash.Error","errorMessage":"failed"}' ;;
    *) post "$base/$id/response" "{\"pid\":$$,\"event\":$event}" ;;
  esac
done
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_bootstrap_in_bash_serves_events() {
    let host = Host::start();
    // Written without the executable bit, as a package made on Windows would be.
    let function = Arc::new(host.function("provided.al2023", "any", &[("bootstrap", BOOTSTRAP)]));
    let first = host.invoke(&function, r#"{"n":1}"#).await;
    assert_eq!(first.success()["event"], json!({"n": 1}));
    let second = host.invoke(&function, "").await;
    assert_eq!(second.success()["event"], json!({}));
    assert_eq!(second.json["pid"], first.json["pid"]);
    host.invoke(&function, r#""fail""#).await.assert_error(r#"{"errorType":"Bash.Error","errorMessage":"failed"}"#);
    host.invoke(&function, r#""exit""#).await.assert_error(
        r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: {id} Error: Runtime exited with error: exit status 7"}"#,
    );
    assert!(host.log().contains(&r#"event {"n":1}"#.to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exec_wrapper_gets_the_original_command() {
    let host = Host::start();
    let wrapper = "#!/bin/bash\nexport WRAPPED=\"$#\"\nexec \"$@\"\n";
    let app = "import os\ndef handler(event, context): return os.environ['WRAPPED']";
    let mut function = host.function("python3.11", "app.handler", &[("wrap", wrapper), ("app.py", app)]);
    let path = function.code_dir.join("wrap");
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    function.environment.insert("AWS_LAMBDA_EXEC_WRAPPER".into(), path.to_str().unwrap().into());
    assert_eq!(host.invoke(&Arc::new(function), "{}").await.success(), "3");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_exec_wrapper_is_exit_status_127() {
    let host = Host::start();
    let mut function = host.function("python3.11", "app.handler", &[("app.py", "")]);
    function.environment.insert("AWS_LAMBDA_EXEC_WRAPPER".into(), "/absent/wrapper".into());
    host.invoke(&Arc::new(function), "{}").await.assert_error(
        r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: {id} Error: Runtime exited with error: exit status 127"}"#,
    );
}
