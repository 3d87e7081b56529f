"""A local S3 that the tests talk to as users talk to theirs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

BUCKET = "bucket"
READ_ONLY = {"Effect": "Allow", "Action": ["s3:Get*", "s3:List*"], "Resource": "*"}


@contextmanager
def s3_server(patch: pytest.MonkeyPatch) -> Iterator[Any]:
    """moto in server mode with one bucket; the environment leads s3fs there, in this process and in those it starts."""
    s3fs = pytest.importorskip("s3fs")
    server_module = pytest.importorskip("moto.server")
    import boto3

    server = server_module.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    use_key(patch, "testing", "testing")
    # It keeps connections whatever the environment says by now: another test's lead to a server that is gone.
    s3fs.S3FileSystem.clear_instance_cache()
    client = boto3.client("s3")
    client.create_bucket(Bucket=BUCKET)
    try:
        yield client
    finally:
        s3fs.S3FileSystem.clear_instance_cache()
        server.stop()


@contextmanager
def only_reading(patch: pytest.MonkeyPatch) -> Iterator[None]:
    """For a block, be a user who may read every bucket and write none."""
    import boto3
    import requests
    import s3fs

    iam = boto3.client("iam")
    iam.create_user(UserName="reader")
    policy = json.dumps({"Version": "2012-10-17", "Statement": [READ_ONLY]})
    iam.put_user_policy(UserName="reader", PolicyName="read", PolicyDocument=policy)
    key = iam.create_access_key(UserName="reader")["AccessKey"]
    switch = f"{iam.meta.endpoint_url}/moto-api/reset-auth"
    use_key(patch, key["AccessKeyId"], key["SecretAccessKey"])
    s3fs.S3FileSystem.clear_instance_cache()
    requests.post(switch, data=b"0", timeout=10).raise_for_status()
    try:
        yield
    finally:
        requests.post(switch, data=b"inf", timeout=10).raise_for_status()
        use_key(patch, "testing", "testing")
        s3fs.S3FileSystem.clear_instance_cache()


def use_key(patch: pytest.MonkeyPatch, name: str, secret: str) -> None:
    patch.setenv("AWS_ACCESS_KEY_ID", name)
    patch.setenv("AWS_SECRET_ACCESS_KEY", secret)
