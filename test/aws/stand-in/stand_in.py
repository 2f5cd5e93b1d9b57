"""A stand-in for AWS on the loopback interface: MiniStack (from PyPI, pinned in start.sh) with the
CloudFormation types that it lacks (cloudformation_types.py) and the corrections listed in README.md.

Nothing in MiniStack is changed on disk: every correction is a dict entry or a module attribute that is
set before the server starts. It relies on private names, so the version is pinned. Start it with start.sh.
"""
import asyncio, contextlib, contextvars, copy, hashlib, io, json, os, pickle, queue, re, subprocess, tempfile, threading, time, zipfile
from urllib.parse import quote_plus
import yaml
import cloudformation_types                               # Glue and Athena resource types
from ministack.core import lambda_runtime as _rt
from ministack.core.responses import get_account_id, get_region, error_response_json, json_response
from ministack.services import athena as _ath, cloudwatch as _cw, cloudwatch_logs as _cwl, eventbridge as _eb, glue as _glue, iam as _iam, lambda_svc as _lam, s3 as _s3, sqs as _sqs
from ministack.services.cloudformation import changesets as _cs, engine as _en, handlers as _h, provisioners as _p, stacks as _st
H = _p._RESOURCE_HANDLERS

# ---- CFN: SQS (RedrivePolicy etc. dropped; update wipes messages; name clash silently taken over)
def _sqs_attrs(url, props):
    a = _sqs._queues[url]["attributes"]
    for k in ("RedrivePolicy", "RedriveAllowPolicy"):
        a.pop(k, None)
        if props.get(k):
            v = dict(props[k]) if isinstance(props[k], dict) else json.loads(props[k])
            if "maxReceiveCount" in v: v["maxReceiveCount"] = int(v["maxReceiveCount"])
            a[k] = json.dumps(v)
    for k in ("KmsMasterKeyId", "SqsManagedSseEnabled", "VisibilityTimeout", "DelaySeconds", "MessageRetentionPeriod", "ReceiveMessageWaitTimeSeconds", "MaximumMessageSize"):
        if k in props: a[k] = str(props[k]).lower() if isinstance(props[k], bool) else str(props[k])
_sqs_create0 = H["AWS::SQS::Queue"]["create"]
def sqs_create(lid, props, stack):
    if props.get("QueueName") in _sqs._queue_name_to_url: raise ValueError(f"Resource of type 'AWS::SQS::Queue' with identifier '{props['QueueName']}' already exists.")
    pid, attrs = _sqs_create0(lid, props, stack); _sqs_attrs(pid, props); return pid, attrs
def sqs_update(pid, old, new, stack, lid):
    if new.get("QueueName") != old.get("QueueName") or pid not in _sqs._queues: return sqs_create(lid, new, stack)
    _sqs_attrs(pid, new); n = pid.rsplit("/", 1)[1]
    return pid, {"Arn": f"arn:aws:sqs:{get_region()}:{get_account_id()}:{n}", "QueueName": n, "QueueUrl": pid}
H["AWS::SQS::Queue"].update(create=sqs_create, update=sqs_update, update_with_logical_id=True)

# ---- CFN: Lambda function (missing code accepted; reserved concurrency dropped; update wipes policy + EventInvokeConfig)
_lam_create0 = H["AWS::Lambda::Function"]["create"]
def lam_create(lid, props, stack):
    c = props.get("Code", {})
    if c.get("S3Key") and _lam._fetch_code_from_s3(c["S3Bucket"], c["S3Key"]) is None:
        raise ValueError(f"Error occurred while GetObject. S3 Error Code: NoSuchKey. s3://{c['S3Bucket']}/{c['S3Key']}")
    pid, attrs = _lam_create0(lid, props, stack)
    if props.get("ReservedConcurrentExecutions") is not None: _lam._functions[pid]["concurrency"] = int(props["ReservedConcurrentExecutions"])
    return pid, attrs
def lam_update(pid, old, new, stack, lid):
    prev = _lam._functions.get(pid); out = lam_create(lid, new, stack)
    if prev is not None and out[0] == pid:
        for k in ("policy", "event_invoke_config", "event_invoke_configs", "aliases", "versions", "next_version", "tags", "provisioned_concurrency"): _lam._functions[pid][k] = prev[k]
    return out
H["AWS::Lambda::Function"].update(create=lam_create, update=lam_update, update_with_logical_id=True)

# ---- CFN: IAM (wrong internal shapes -> ListAttachedRolePolicies / GetPolicyVersion answer 500; an update gave new ids)
_role0, _mp0 = H["AWS::IAM::Role"]["create"], H["AWS::IAM::ManagedPolicy"]["create"]
def _kept(store, pid, keys, make):                          # an update makes it anew: what it is known by stays
    prev = store.get(pid); out = make()
    if prev is not None and out[0] == pid: store[pid].update({k: prev[k] for k in keys})
    return out
def role_create(lid, props, stack):
    out = _role0(lid, props, stack); _iam._roles[out[0]]["AttachedPolicies"] = [str(a) for a in props.get("ManagedPolicyArns") or []]; return out
def role_update(pid, old, new, stack, lid): return _kept(_iam._roles, pid, ("RoleId", "CreateDate"), lambda: role_create(lid, new, stack))
def mp_create(lid, props, stack):
    out = _mp0(lid, props, stack); p = _iam._policies[out[0]]
    p.setdefault("Tags", []); p["Versions"] = {v["VersionId"]: {**v, "CreateDate": p["CreateDate"]} for v in p.pop("PolicyVersions")}; return out
def mp_update(pid, old, new, stack, lid): return _kept(_iam._policies, pid, ("PolicyId", "CreateDate"), lambda: mp_create(lid, new, stack))
H["AWS::IAM::Role"].update(update=role_update, update_with_logical_id=True); H["AWS::IAM::ManagedPolicy"].update(update=mp_update, update_with_logical_id=True)
H["AWS::IAM::Role"]["create"], H["AWS::IAM::ManagedPolicy"]["create"] = role_create, mp_create

# ---- CFN: queue triggers (an update made numbers texts); log groups (an update emptied them)
_esm0 = H["AWS::Lambda::EventSourceMapping"]["update"]
def esm_update(pid, old, new, stack):
    numbers = ("BatchSize", "MaximumBatchingWindowInSeconds")
    return _esm0(pid, old, {k: int(v) if k in numbers else v for k, v in new.items()}, stack)
H["AWS::Lambda::EventSourceMapping"]["update"] = esm_update
_log0 = H["AWS::Logs::LogGroup"]["create"]
def log_group_update(pid, old, new, stack, lid): return _kept(_cwl._log_groups, pid, ("creationTime", "streams", "subscriptionFilters"), lambda: _log0(lid, new, stack))
H["AWS::Logs::LogGroup"].update(update=log_group_update, update_with_logical_id=True)

# ---- CFN engine: Fn::ForEach, ${!Literal}, DeletionPolicy, update rollback that restores instead of deleting
def _foreach(node, env):
    if isinstance(node, list): return [_foreach(x, env) for x in node]
    if isinstance(node, str):
        for k, v in env.items(): node = node.replace("${%s}" % k, v).replace("&{%s}" % k, re.sub(r"\W", "", v))
        return node
    if not isinstance(node, dict): return node
    if set(node) == {"Ref"} and node["Ref"] in env: return env[node["Ref"]]
    out = {}
    for k, v in node.items():
        if k.startswith("Fn::ForEach::"):
            var, coll, body = v
            for item in (coll if isinstance(coll, list) else [coll]): out.update(_foreach(body, {**env, var: str(item)}))
        else: out[_foreach(k, env)] = _foreach(v, env)
    return out
def _sublit(node):
    if isinstance(node, list): return [_sublit(x) for x in node]
    if not isinstance(node, dict): return node
    if set(node) == {"Fn::Sub"}:
        v = node["Fn::Sub"]; s, m = (v[0], dict(v[1])) if isinstance(v, list) else (v, {})
        lits = re.findall(r"\$\{!([^}]*)\}", s)
        for i, l in enumerate(lits): s = s.replace("${!%s}" % l, "${LIT_%d}" % i, 1); m["LIT_%d" % i] = "${%s}" % l
        return {"Fn::Sub": [s, _sublit(m)]} if m else node
    return {k: _sublit(v) for k, v in node.items()}
_en.CfnLoader = type("CfnLoader", (yaml.CSafeLoader,), {"yaml_constructors": _en.CfnLoader.yaml_constructors})  # ten times as fast
_parse0, _parsed = _en._parse_template, {}              # most tests deploy the same text: read once, and copied by pickle, the fastest way
def parse(body):
    if body not in _parsed:
        t = _parse0(body); tr = t.get("Transform"); tr = tr if isinstance(tr, list) else [tr]
        if "AWS::LanguageExtensions" in tr: t = _foreach(t, {})
        _parsed[body] = pickle.dumps(_sublit(t), -1)
    return pickle.loads(_parsed[body])
_h._parse_template = _cs._parse_template = parse

# ---- CFN: the template's Rules, which AWS checks before it changes anything
def _as_equals(node):
    if isinstance(node, list): return [_as_equals(n) for n in node]
    if not isinstance(node, dict): return node
    if "Fn::Contains" in node:
        values, value = node["Fn::Contains"]
        return {"Fn::Or": [{"Fn::Equals": [v, value]} for v in values]}
    return {k: _as_equals(v) for k, v in node.items()}
_parameters0 = _cs._resolve_parameters
def resolve_parameters(template, *rest):
    values = _parameters0(template, *rest); holds = lambda e: _en._evaluate_conditions({"Conditions": {"Rule": _as_equals(e)}}, values)["Rule"]
    for name, rule in (template.get("Rules") or {}).items():
        if "RuleCondition" in rule and not holds(rule["RuleCondition"]): continue
        for a in rule["Assertions"]:
            if not holds(a["Assert"]): raise ValueError(f"Template error: rule {name} is not met: {a.get('AssertDescription')}")
    return values
_h._resolve_parameters = _cs._resolve_parameters = resolve_parameters

# ---- CFN change sets: what a condition leaves out is not there (so it is Add or Remove when it flips); a change
# ---- of anything but a name needs no replacement (it said Conditional of everything)
_NAMES = ("BucketName", "FunctionName", "RoleName", "ManagedPolicyName", "QueueName", "TopicName", "AlarmName", "LogGroupName", "StateMachineName", "Name")
_resolve0, _diff0 = _cs._resolve_props_for_diff, _cs._diff_resources
def resolve_for_diff(template, params, stack_name, stack_id):
    out = _resolve0(template, params, stack_name, stack_id)
    held = _cs._evaluate_conditions(template, params) if template else {}
    return {"Resources": {k: r for k, r in out.get("Resources", {}).items() if held.get(r.get("Condition"), True)}}
def diff_resources(old, new):
    changes = _diff0(old, new)
    for rc in (c["ResourceChange"] for c in changes):
        if rc["Action"] != "Modify": continue
        o, n = (t["Resources"][rc["LogicalResourceId"]].get("Properties", {}) for t in (old, new))
        rc["Replacement"] = "True" if any(o.get(k) != n.get(k) for k in _NAMES) else "False"
    return changes
_cs._resolve_props_for_diff, _cs._diff_resources = resolve_for_diff, diff_resources

_prev = contextvars.ContextVar("prev_stack", default=None)
_del0, _deploy0 = _st._delete_resource, _st._deploy_stack_async
def delete_resource(rtype, pid, props, stack_name=None, logical_id=None):
    from ministack.services.cloudformation import _stacks
    stack = _stacks.get(stack_name) or {}
    prev = (_prev.get() or {}).get("_resources", {}).get(logical_id)
    if prev and stack.get("StackStatus") == "UPDATE_ROLLBACK_IN_PROGRESS":       # restore, don't destroy
        if prev["Properties"] != props: _p._update_resource(rtype, pid, props, prev["Properties"], stack_name, logical_id, prev.get("Attributes"))
        return
    rd = (stack.get("_template") or {}).get("Resources", {}).get(logical_id, {})
    if rd.get("DeletionPolicy") in ("Retain", "RetainExceptOnCreate"): return
    if rtype == "AWS::S3::Bucket" and (_s3._buckets.get(pid) or {}).get("objects"):
        raise ValueError("The bucket you tried to delete is not empty")
    _del0(rtype, pid, props, stack_name, logical_id)
_ev0 = _st._add_event
def add_event(stack_id, stack_name, lid, rtype, status, reason="", physical_id=""):  # new parts are created, old ones restored
    from ministack.services.cloudformation import _stacks
    if _prev.get() and rtype != "AWS::CloudFormation::Stack":
        known = lid in _prev.get().get("_resources", {})
        if not known: status = re.sub("^UPDATE_", "CREATE_", status)
        elif _stacks[stack_name]["StackStatus"] == "UPDATE_ROLLBACK_IN_PROGRESS": status = re.sub("^DELETE_", "UPDATE_", status)
    _ev0(stack_id, stack_name, lid, rtype, status, reason, physical_id)
_st._add_event = add_event
async def deploy(*a, previous_stack=None, **k):
    _prev.set(previous_stack)
    try:
        await _deploy0(*a, previous_stack=previous_stack, **k)
        from ministack.services.cloudformation import _stacks
        s = _stacks[a[0]]
        if previous_stack and s["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE":    # its parameters and its text go back as well
            values = previous_stack["_resolved_params"]
            s.update(_template_body=previous_stack["_template_body"], _conditions=_en._evaluate_conditions(previous_stack["_template"], values),
                     Parameters=[{"ParameterKey": n, "ParameterValue": v["Value"], "NoEcho": v["NoEcho"]} for n, v in values.items()])
    except Exception as e:                                  # never leave a stack *_IN_PROGRESS for ever
        from ministack.services.cloudformation import _stacks
        s = _stacks[a[0]]; s["StackStatus"] = s["StackStatus"].replace("IN_PROGRESS", "FAILED"); s["StackStatusReason"] = repr(e); raise
_st._delete_resource = delete_resource
_h._deploy_stack_async = _cs._deploy_stack_async = deploy

# ---- Lambda: OnSuccess destination, real error type, real context in Node
_exec0 = _lam._execute_function
def execute(func, event):
    sent = copy.deepcopy(event)
    r = _exec0(func, event)
    b = r.get("body")
    if r.get("error") and isinstance(b, dict) and b.get("errorType") == "Runtime.HandlerError":
        m = re.search(r"^(?:Uncaught )?([A-Za-z_$][\w$.]*): " + re.escape((b.get("errorMessage") or "").split("\n")[0]), r.get("log") or "", re.M)
        if m: b["errorType"] = m.group(1)
    cfg = func.get("config") or func
    eic = func.get("event_invoke_config") or (func.get("event_invoke_configs") or {}).get("$LATEST") or {}
    dest = ((eic.get("DestinationConfig") or {}).get("OnSuccess") or {}).get("Destination")
    if dest and not r.get("error") and getattr(_async, "on", False):
        env = {"version": "1.0", "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()),
               "requestContext": {"requestId": _lam.new_uuid(), "functionArn": cfg["FunctionArn"] + ":$LATEST", "condition": "Success", "approximateInvokeCount": 1},
               "requestPayload": sent, "responseContext": {"statusCode": 200, "executedVersion": "$LATEST"}, "responsePayload": b}
        if ":lambda:" in dest:
            f, _c, _n = _lam._get_func_record_for_ref(dest)
            if f: invoke_async(f, env)
        elif ":sqs:" in dest:
            q = _sqs._queue_by_arn(dest); _sqs._act_send_message({"QueueUrl": q["url"], "MessageBody": json.dumps(env)}, q["url"]) if hasattr(_sqs, "_act_send_message") else None
    return r
_async = threading.local()
_lam._execute_function = execute
_inv0 = _lam.invoke_async_with_retry
class _T(threading.Thread):                                 # marks the async worker thread
    def run(self):
        _async.on = True; super().run()
class _Threading:                                           # seen by invoke_async_with_retry only
    def __getattr__(self, n): return _T if n == "Thread" else getattr(threading, n)
import types
invoke_async = types.FunctionType(_inv0.__code__, {**_lam.__dict__, "threading": _Threading(), "_execute_function": execute}, _inv0.__name__, _inv0.__defaults__, _inv0.__closure__)
_lam.invoke_async_with_retry = invoke_async

# ---- S3: keys URL-encoded in events; no TestEvent to Lambda; SDK-readable GetBucketNotificationConfiguration
_dl0 = _s3._deliver_event_to_lambda
def deliver_lambda(arn, payload, region):
    if "Records" not in payload: return
    payload = copy.deepcopy(payload)
    for r in payload["Records"]: r["s3"]["object"]["key"] = quote_plus(r["s3"]["object"]["key"], safe="/*-._")
    _dl0(arn, payload, region)
_s3._deliver_event_to_lambda = deliver_lambda
_gn0 = _s3._get_bucket_notification
def get_notif(name):
    st, hd, body = _gn0(name)
    s = body.decode() if isinstance(body, bytes) else body
    for a, b in (("LambdaFunctionConfiguration", "CloudFunctionConfiguration"), ("LambdaFunctionArn", "CloudFunction")): s = s.replace(a + ">", b + ">")
    return st, hd, s.encode()
_s3._get_bucket_notification = get_notif

# ---- S3: an object is in memory, and on the disk for Athena alone: without the file beside it by which a restart would know it
_path0 = _s3._object_disk_path
def disk_path(bucket, key, account_id=None):                # links are resolved only where a key could lead elsewhere
    if ".." in key or key.startswith("/"): return _path0(bucket, key, account_id)
    return os.path.join(_s3.DATA_DIR, account_id or get_account_id(), bucket, key)
def persist(bucket, key, obj):
    path = disk_path(bucket, key)
    if path is None: return
    with contextlib.suppress(OSError):                      # a key may be the folder of another
        try: _write(path, obj["body"])
        except FileNotFoundError: os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True); _write(path, obj["body"])
def _write(path, body):                                     # who reads meanwhile finds the one before
    with open(path + ".tmp", "wb") as f: f.write(body)
    os.replace(path + ".tmp", path)
_s3._object_disk_path, _s3._persist_object = disk_path, persist

# ---- EventBridge: test-speed schedules (RATE_SCALE=0.05 -> rate(1 minute) = 3 s)
_pr0 = _eb._parse_rate_seconds; _scale = float(os.environ.get("RATE_SCALE", "1"))
_eb._parse_rate_seconds = lambda e: (_pr0(e) * _scale if _pr0(e) is not None else None)
_eb._SCHEDULER_TICK_INTERVAL = min(10, 10 * _scale)

# ---- For the tests, as actions of Glue: KeepDay keeps what an account has of a day, PutDay makes the day what was kept, or
# ---- empty without that. A day is every object whose key holds Prefix, and every partition whose value is Value, or any
# ---- without that. ListAll lists the buckets, objects, tables and partitions of an account.
_days = {}                                                  # what was kept, by the id that KeepDay answered
def _objects_of(prefix): return [(b, k) for b in list(_s3._buckets) for k in list(_s3._buckets[b]["objects"]) if prefix in k]
def _is_of(d, partition): return "Value" not in d or partition["Values"] == [d["Value"]]
def keep_day(d):
    objects = {(b, k): {**(o := _s3._buckets[b]["objects"][k]), "body": _s3._read_body(b, k, o)} for b, k in _objects_of(d["Prefix"])}
    partitions = {t: found for t, ps in _glue._partitions.items() if (found := [copy.deepcopy(p) for p in ps if _is_of(d, p)])}
    _days[kept := _lam.new_uuid()] = objects, partitions
    return json_response({"Kept": kept})
def put_day(d):
    objects, partitions = _days[d["Kept"]] if "Kept" in d else ({}, {})
    for b, k in _objects_of(d["Prefix"]):
        if (b, k) not in objects: _s3._delete_object(b, k)
    for (b, k), o in objects.items():
        now = _s3._buckets[b]["objects"].get(k)
        if now is None or (now["etag"], now["last_modified"]) != (o["etag"], o["last_modified"]):
            _s3._buckets[b]["objects"][k] = o = copy.deepcopy(o); _s3._persist_object(b, k, o)
    for t in {*_glue._partitions, *partitions}:
        others = [p for p in _glue._partitions.get(t, []) if not _is_of(d, p)]
        _glue._partitions[t] = others + copy.deepcopy(partitions.get(t, []))
    return json_response({})

def list_all(d):
    of_table = lambda t: dict(zip(("DatabaseName", "TableName"), t.split("/")))
    return json_response({
        "Buckets": list(_s3._buckets), "Tables": [of_table(t) for t in _glue._tables.keys()],
        "Objects": [{"Bucket": b, "Key": k, "ETag": o["etag"], "LastModified": o["last_modified"]} for b in _s3._buckets for k, o in sorted(_s3._buckets[b]["objects"].items())],
        "Partitions": [{**of_table(t), "Values": p["Values"], "Location": (p.get("StorageDescriptor") or {}).get("Location", "")} for t, ps in _glue._partitions.items() for p in ps]})

# ---- Glue: BatchDeletePartition / UpdatePartition / table check / simple Expression
_g0 = _glue.handle_request
async def glue(method, path, headers, body, qp):
    act = headers.get("x-amz-target", "").split(".")[-1]; d = json.loads(body or b"{}"); key = f"{d.get('DatabaseName')}/{d.get('TableName')}"
    if act in ("KeepDay", "PutDay", "ListAll"): return {"KeepDay": keep_day, "PutDay": put_day, "ListAll": list_all}[act](d)
    if act in ("CreatePartition", "BatchCreatePartition", "UpdatePartition", "GetPartitions", "BatchDeletePartition") and key not in _glue._tables:
        return error_response_json("EntityNotFoundException", f"Table {d.get('TableName')} not found.", 400)
    if act == "UpdatePartition":                # the whole entry is replaced
        for p in _glue._partitions.get(key, []):
            if p["Values"] == d.get("PartitionValueList"):
                kept = {k: p[k] for k in ("DatabaseName", "TableName", "CreationTime", "CatalogId")}; p.clear(); p.update({**d["PartitionInput"], **kept})
                return json_response({})
        return error_response_json("EntityNotFoundException", "Partition not found.", 400)
    if act == "BatchDeletePartition":
        errs = []
        for p in d.get("PartitionsToDelete", []):
            if any(x.get("Values") == p["Values"] for x in _glue._partitions.get(key, [])): _glue._delete_partition({**d, "PartitionValues": p["Values"]})
            else: errs.append({"PartitionValues": p["Values"], "ErrorDetail": {"ErrorCode": "EntityNotFoundException", "ErrorMessage": "Partition not found"}})
        return json_response({"Errors": errs})
    if act == "GetPartitions" and d.get("Expression"):
        names = [k["Name"] for k in _glue._tables[key].get("PartitionKeys", [])]
        def ok(p):
            row = dict(zip(names, p["Values"]))
            for t in re.split(r"\s+and\s+", d["Expression"], flags=re.I):
                m = re.match(r"\s*\(?\s*(\w+)\s*(=|<>|>=|<=|>|<)\s*'?([^')]*)'?\s*\)?\s*$", t)
                if not m: raise ValueError("unsupported expression: " + t)
                a, b = row.get(m[1], ""), m[3]
                if a.isdigit() and b.isdigit(): a, b = int(a), int(b)
                if not {"=": a == b, "<>": a != b, ">=": a >= b, "<=": a <= b, ">": a > b, "<": a < b}[m[2]]: return False
            return True
        return json_response({"Partitions": [p for p in _glue._partitions.get(key, []) if ok(p)]})
    return await _g0(method, path, headers, body, qp)
_glue.handle_request = glue

# ---- Athena: result key, ExecutionParameters, workgroups, stopping, pages, own engine hook
_sv0, _sq0, _st0, _gr0 = _ath._save_query_results, _ath._start_query_execution, _ath._stop_query_execution, _ath._get_query_results
async def save(qid):
    ex = _ath._executions[qid]; rc = ex["ResultConfiguration"]; full = rc["OutputLocation"]
    ex["Statistics"]["DataScannedInBytes"] = ex.get("_scanned", 0)
    limit = (_ath._workgroups.get(ex["WorkGroup"]) or {}).get("Configuration", {}).get("BytesScannedCutoffPerQuery")
    if limit and ex["Statistics"]["DataScannedInBytes"] > int(limit):
        ex["Status"].update(State="CANCELLED", StateChangeReason="Bytes scanned limit was exceeded"); return
    rc["OutputLocation"] = full.rsplit("/", 1)[0] + "/"
    try: await _sv0(qid)
    finally: rc["OutputLocation"] = full
_ath._save_query_results = save
def _statement_type(q):                        # comments and parentheses do not hide what it is
    w = re.match(r"(?:\s|\(|--[^\n]*\n|/\*.*?\*/)*(\w*)", q, re.S)[1].upper()
    return "DML" if w in ("SELECT", "WITH", "VALUES", "TABLE", "EXPLAIN", "INSERT", "UPDATE", "DELETE", "MERGE") else "UTILITY" if w in ("SHOW", "DESCRIBE", "DESC") else "DDL"
_ath._detect_statement_type = _statement_type
def start(d):
    wg = d.get("WorkGroup", "primary")
    if wg not in _ath._workgroups: return error_response_json("InvalidRequestException", "WorkGroup is not found.", 400)
    if _ath._workgroups[wg].get("State") == "DISABLED": return error_response_json("InvalidRequestException", "WorkGroup is disabled.", 400)
    params = list(d.get("ExecutionParameters") or [])
    if params: d = {**d, "QueryString": re.sub(r"'(?:[^']|'')*'|\?", lambda m: params.pop(0) if m[0] == "?" else m[0], d["QueryString"])}
    return _sq0(d)
_ath._start_query_execution = start
_running = {}                                  # by query: its process; a query that is stopped stays stopped
def stop(d):
    out = _st0(d); p = _running.get(d.get("QueryExecutionId"))
    if p and p.returncode is None: p.kill()
    return out
_ath._stop_query_execution = stop
_ex0, _query = _ath._execute_query, contextvars.ContextVar("query", default=None)
async def execute_query(qid, query, db):
    _query.set(qid); ex = _ath._executions[qid]
    if ex["Status"]["State"] == "CANCELLED": return
    try: await _ex0(qid, query, db)
    finally:
        _running.pop(qid, None)
        if ex.get("_stopped"): ex["Status"].update(State="CANCELLED", StateChangeReason="Query cancelled by user")
_ath._execute_query = execute_query
def get_results(d):                            # the heading on the first page alone and counted; a null has no VarCharValue
    ex = _ath._executions.get(d.get("QueryExecutionId")); most = d.get("MaxResults", 1000)
    if not ex or ex["Status"]["State"] != "SUCCEEDED": return _gr0({**d, "NextToken": None})
    if not 1 <= most <= 1000: return error_response_json("InvalidRequestException", "MaxResults is above 1000", 400)
    st, hd, body = _gr0({**d, "MaxResults": 0, "NextToken": None}); out = json.loads(body)
    rows, at = ex["_results"]["rows"], int(d.get("NextToken") or 0)
    head = [{"Data": [{"VarCharValue": c} for c in ex["_results"]["columns"]]}] if ex["StatementType"] == "DML" and at == 0 else []
    end = at + most - len(head)
    out["ResultSet"]["Rows"] = head + [{"Data": [{} if v is None else {"VarCharValue": v} for v in r]} for r in rows[at:end]]
    out.pop("NextToken", None)
    if end < len(rows): out["NextToken"] = str(end)
    return json_response(out)
_ath._get_query_results = get_results
_idle = {}                                                  # Node processes that wait for a question, by event loop
async def engine(query, database):             # the tables live in DuckDB, in a Node process
    idle = _idle.setdefault(id(asyncio.get_running_loop()), [])
    p = idle.pop() if idle else await asyncio.create_subprocess_exec("node", os.path.join(os.path.dirname(os.path.abspath(__file__)), "athena_engine.mjs"), stdin=-1, stdout=-1, limit=2**30)
    qid = _query.get(); _running[qid] = p
    if _ath._executions[qid]["Status"]["State"] == "CANCELLED": p.kill()
    # What a versioned bucket has removed stays on its disk: only what S3 lists is read.
    names = {t["StorageDescriptor"]["Location"].split("/")[2] for t in _glue._tables.values() if (t.get("StorageDescriptor") or {}).get("Location")}
    objects = {b: list((_s3._buckets.get(b) or {}).get("objects", {})) for b in names}
    # Of a partition, where it is and of which values: its columns are those of its table.
    partitions = {t: [((p.get("StorageDescriptor") or {}).get("Location", ""), p["Values"]) for p in ps] for t, ps in _glue._partitions.items()}
    question = json.dumps({"query": query, "objects": objects, "database": database, "account": get_account_id(), "dir": _ath.ATHENA_DATA_DIR,
        "tables": dict(_glue._tables.items()), "partitions": partitions})
    try: p.stdin.write(question.encode() + b"\n"); await p.stdin.drain(); out = await p.stdout.readline()
    except (BrokenPipeError, ConnectionResetError): out = b""
    if _ath._executions[qid]["Status"]["State"] == "CANCELLED": _ath._executions[qid]["_stopped"] = True
    if not out: raise RuntimeError("engine failed")
    answer = json.loads(out)
    if not _ath._executions[qid].get("_stopped"): _running.pop(qid, None); idle.append(p)
    if "error" in answer: raise RuntimeError(answer["error"])
    _ath._executions[qid]["_scanned"] = answer.pop("scanned")
    return answer
_ath._run_duckdb = engine; _ath.ATHENA_ENGINE = "duckdb"

# ---- Lambda: a new version of a function ends the warm process of its own account alone, not one that works in another
_invalidate0 = _lam.invalidate_worker
_lam.invalidate_worker = lambda name, qualifier=None, account=None, region=None: _invalidate0(name, qualifier, account or get_account_id(), region or get_region())

# ---- Lambda: each queue polled by a thread of its own, so that a slow function holds up no other; what is sent wakes it
_polled = contextvars.ContextVar("polled_mapping")
_lam._iter_all_esms = lambda: ((*k[:2], e) for k, e in [(_polled.get(), _lam._esms._data.get(_polled.get()))] if e)
_sent = {}                                                  # by a queue's ARN: set when something is sent to it
def _poll_mapping(key, sent):
    _polled.set(key)
    while key in _lam._esms._data:
        busy = False; sent.clear()
        try: busy = _lam._poll_sqs()
        except Exception as e: _lam.logger.error("SQS poller of %s: %s", key, e)
        if not busy: sent.wait(0.25 if _holds_messages(key) else 2)
def _holds_messages(key):                                   # such as one that is hidden for a time, of whose end nobody tells
    source = (_lam._esms._data.get(key) or {}).get("EventSourceArn")
    return any(q["messages"] for q in list(_sqs._queues._data.values()) if q["attributes"].get("QueueArn") == source)
def _poll_loop():
    known = set()
    while True:
        mapped = dict(list(_lam._esms._data.items()))
        for key in mapped.keys() - known:
            sent = _sent.setdefault(mapped[key].get("EventSourceArn"), threading.Event())
            threading.Thread(target=_poll_mapping, args=(key, sent), daemon=True).start()
        known = set(mapped); time.sleep(0.25)
_lam._poll_loop = _poll_loop
def _waking(send):
    def sends(data, qurl):
        out = send(data, qurl)
        sent = _sent.get(_sqs._get_q(data.get("QueueUrl", qurl))["attributes"].get("QueueArn"))
        if sent: sent.set()
        return out
    return sends
for each in ("SendMessage", "SendMessageBatch"): _sqs._HANDLERS[each] = _waking(_sqs._HANDLERS[each])

# ---- SQS: a long poll takes LONG_POLL_SCALE of its time where no message becomes visible in it: one server here has all
_receive0, _long_poll = _sqs._HANDLERS["ReceiveMessage"], float(os.environ.get("LONG_POLL_SCALE", "1"))
async def receive(data, qurl):
    wait = data.get("WaitTimeSeconds")
    if wait is None: wait = _sqs._get_q(data.get("QueueUrl", qurl))["attributes"].get("ReceiveMessageWaitTimeSeconds", "0")
    now, held = time.time(), _sqs._get_q(data.get("QueueUrl", qurl))["messages"]
    until = now + int(wait) * (1 if any(m["visible_at"] <= now + int(wait) for m in list(held)) else _long_poll)
    while True:
        out = await _receive0({**data, "WaitTimeSeconds": 0}, qurl)
        if out.get("Messages") or time.time() >= until: return out
        await asyncio.sleep(0.05)
_sqs._HANDLERS["ReceiveMessage"] = receive

# ---- Lambda: functions of the same code share a Node process (lambda_host.cjs), in which each has modules, an environment
# ---- and a log of its own. One that has failed goes on being warm, as in AWS.
class Host:
    def __init__(self, code_zip):
        folder = tempfile.mkdtemp(prefix="lambda-")
        with zipfile.ZipFile(io.BytesIO(code_zip)) as z: z.extractall(folder)
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lambda_host.cjs")
        self.process = subprocess.Popen(["node", script, os.path.join(folder, "index.js")], stdin=-1, stdout=-1, text=True, bufsize=1)
        self.waiting, self.lock = {}, threading.Lock()
        threading.Thread(target=self.read, daemon=True).start()
    def read(self):
        for line in self.process.stdout:
            out = json.loads(line); self.waiting.pop(out.pop("id")).put(out)
        self.process.wait()
        with self.lock: left, self.waiting = self.waiting, None
        for each in left.values(): each.put({"status": "error", "error": "Worker process died", "log": ""})
    def ask(self, question, timeout):
        answer, key = queue.SimpleQueue(), _lam.new_uuid()
        with self.lock:
            self.waiting[key] = answer
            self.process.stdin.write(json.dumps({"id": key, **question}) + "\n")
        try: return answer.get(timeout=timeout)
        except queue.Empty:                                 # what does not end is ended, and so is what shares its process
            self.process.kill()
            return {"status": "error", "error": f"Task timed out after {timeout}.00 seconds", "log": ""}
_hosts, _hosts_lock = {}, threading.Lock()                  # by the hash of the code
def _host_of(code_zip):
    key = hashlib.sha256(code_zip).digest()
    with _hosts_lock:
        if key not in _hosts or _hosts[key].waiting is None or _hosts[key].process.poll() is not None: _hosts[key] = Host(code_zip)
        return _hosts[key]
def worker_invoke(self, event, request_id):
    c = self.config; account, region = _rt._account_region_from_function_config(c)
    for key in ("_x_amzn_trace_id", _rt.INVOKE_DEPTH_EVENT_KEY):
        if isinstance(event, dict): event.pop(key, None)
    with self._lock:
        host, name = _host_of(self.code_zip), self.__dict__.setdefault("_name", _lam.new_uuid()); init = {}
        if self._proc is not host:
            given = {k: v for k, v in c.get("Environment", {}).get("Variables", {}).items() if k not in _rt._RESERVED_RUNTIME_ENV_VARS}
            env = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}", **os.environ, **given, "AWS_REGION": region,
                   "AWS_DEFAULT_REGION": region, "AWS_ACCESS_KEY_ID": account, "AWS_LAMBDA_FUNCTION_NAME": c["FunctionName"]}
            init = {"init": {"env": env, "handler": c["Handler"].rsplit(".", 1)[1]}}
        context = {"functionName": c["FunctionName"], "functionVersion": "$LATEST", "memoryLimitInMB": str(c.get("MemorySize", 128)),
                   "invokedFunctionArn": c["FunctionArn"], "awsRequestId": request_id}
        timeout = c.get("Timeout", 3)
        out = host.ask({"name": name, **init, "event": event, "context": context, "seconds": timeout}, timeout)
        if out["status"] == "broken": raise RuntimeError(f"Worker init failed: {out['error']}")
        self._proc = host
        return out
def worker_kill(self):
    host, self._proc = self._proc, None
    if host is None or host.waiting is None: return
    with host.lock, contextlib.suppress(OSError): host.process.stdin.write(json.dumps({"removed": self._name}) + "\n")
_rt.Worker.invoke, _rt.Worker.kill = worker_invoke, worker_kill

# ---- CloudWatch Logs: FilterLogEvents with event ids, small pages, optional terms and JSON patterns of equalities
_LOG_PAGE = 200
def _json_term(term):
    m = re.match(r'\s*\(?\s*\$\.([\w.]+)\s*=\s*"([^"]*)"\s*\)?\s*$', term)
    if not m: raise ValueError("unsupported pattern: " + term)
    def ok(message):
        try: value = json.loads(message)
        except ValueError: return False
        for step in m[1].split("."): value = value.get(step) if isinstance(value, dict) else None
        return value == m[2]
    return ok
def _log_pattern(raw):
    raw = (raw or "").strip()
    if raw.startswith("{"):
        terms = [_json_term(t) for t in raw[1:-1].split("&&")]
        return lambda message: all(t(message) for t in terms)
    terms = re.findall(r'([?-]?)(?:"([^"]*)"|([^\s"]+))', raw)
    words = [(kind, quoted or bare) for kind, quoted, bare in terms]
    some = [w for k, w in words if k == "?"]
    return lambda message: (not some or any(w in message for w in some)) and all((w in message) == (k == "") for k, w in words if k != "?")
_filtered = {}                                 # the quota: five requests a second in an account and region, and no burst
def filter_log_events(d):
    now, key = time.monotonic(), (get_account_id(), get_region())
    _filtered[key] = [t for t in _filtered.get(key, []) if now - t < 1]
    if len(_filtered[key]) >= 5: return error_response_json("ThrottlingException", "Rate exceeded", 400)
    _filtered[key].append(now)
    group = _cwl._log_groups.get(_cwl._resolve_log_group_name(d))
    if group is None: return error_response_json("ResourceNotFoundException", "The specified log group does not exist.", 400)
    ok, first, last = _log_pattern(d.get("filterPattern")), d.get("startTime") or 0, d.get("endTime") or float("inf")
    found = [{**e, "logStreamName": name, "eventId": f"{name}/{i}"} for name, stream in group["streams"].items()
             for i, e in enumerate(list(stream["events"])) if first <= e["timestamp"] <= last and ok(e["message"])]
    found.sort(key=lambda e: (e["timestamp"], e["ingestionTime"]))
    start, size = int(d.get("nextToken") or 0), min(d.get("limit") or _LOG_PAGE, _LOG_PAGE)
    more = {"nextToken": str(start + size)} if start + size < len(found) else {}
    return json_response({"events": found[start:start + size], "searchedLogStreams": [], **more})
_cwl._filter_log_events = filter_log_events

# ---- CloudWatch: in JSON the times of measures are seconds since 1970
_statistics = _cw._get_metric_statistics
def get_metric_statistics(params, data, is_cbor, is_json=False):
    answer = _statistics(params, data, is_cbor, is_json)
    if not is_json: return answer
    status, headers, body = answer; found = json.loads(body)
    for each in found["Datapoints"]: each["Timestamp"] = _cw._parse_ts(each["Timestamp"])
    return status, headers, json.dumps(found).encode()
_cw._get_metric_statistics = get_metric_statistics

# ---- HTTP: served by uvicorn on uvloop, which takes a third of the time of the server that it comes with. The head of an answer
# ---- goes with its body: who asked is woken once.
class Joined:
    def __init__(self, transport): self.transport, self.parts = transport, []
    def __getattr__(self, name): return getattr(self.transport, name)
    def write(self, data): self.parts.append(data)
    def flush(self): parts, self.parts = self.parts, []; parts and self.transport.write(b"".join(parts))
    def close(self): self.flush(); self.transport.close()
def cycle_of(base):
    class Cycle(base):
        joined = None
        async def send(self, message):
            own = self.transport; self.joined = self.transport = self.joined or Joined(own)
            try: await super().send(message)
            finally:
                self.transport = own
                if message["type"] == "http.response.body": self.joined.flush()
    return Cycle
async def serve(app, config):
    import uvicorn
    from uvicorn.protocols.http import httptools_impl
    httptools_impl.RequestResponseCycle = cycle_of(httptools_impl.RequestResponseCycle)
    host, port = config.bind[0].rsplit(":", 1)
    await uvicorn.Server(uvicorn.Config(app, host=host, port=int(port), http="httptools", loop="none", lifespan="on", log_level="error",
                                        access_log=False, timeout_keep_alive=75, timeout_graceful_shutdown=1)).serve()

if __name__ == "__main__":
    import hypercorn.asyncio, uvloop
    from ministack.app import main
    hypercorn.asyncio.serve = serve
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    main()
