from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...models.scan_import import ScanImport
from ...models.upload_scan_request import UploadScanRequest
from ...types import Response


def _get_kwargs(
    customer: str,
    *,
    body: UploadScanRequest,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/customers/{customer}/scan-imports".format(
            customer=quote(str(customer), safe=""),
        ),
    }

    _kwargs["files"] = body.to_multipart()

    headers["Content-Type"] = "multipart/form-data; boundary=+++"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | ScanImport | None:
    if response.status_code == 201:
        response_201 = ScanImport.from_dict(response.json())

        return response_201

    if response.status_code == 400:
        response_400 = Problem.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = Problem.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = Problem.from_dict(response.json())

        return response_403

    if response.status_code == 404:
        response_404 = Problem.from_dict(response.json())

        return response_404

    if response.status_code == 409:
        response_409 = Problem.from_dict(response.json())

        return response_409

    if response.status_code == 413:
        response_413 = Problem.from_dict(response.json())

        return response_413

    if response.status_code == 415:
        response_415 = Problem.from_dict(response.json())

        return response_415

    if response.status_code == 429:
        response_429 = Problem.from_dict(response.json())

        return response_429

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Problem | ScanImport]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    customer: str,
    *,
    client: AuthenticatedClient,
    body: UploadScanRequest,
) -> Response[Problem | ScanImport]:
    """Import a vulnerability scan

     Reads a file of Nessus, Qualys, OpenVAS, Greenbone, Tripwire IP360 or Defender for Cloud, and
    matches the machines in the file with the inventory. The next assessment uses the results. If a file
    with the same content was imported before, the answer is 409 with the code `already_imported`. If
    other files are being imported, the answer is 409 with the code `import_busy`: try again in a
    minute.

    Args:
        customer (str):
        body (UploadScanRequest): A file of a vulnerability scanner, as multipart/form-data.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | ScanImport]
    """

    kwargs = _get_kwargs(
        customer=customer,
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    customer: str,
    *,
    client: AuthenticatedClient,
    body: UploadScanRequest,
) -> Problem | ScanImport | None:
    """Import a vulnerability scan

     Reads a file of Nessus, Qualys, OpenVAS, Greenbone, Tripwire IP360 or Defender for Cloud, and
    matches the machines in the file with the inventory. The next assessment uses the results. If a file
    with the same content was imported before, the answer is 409 with the code `already_imported`. If
    other files are being imported, the answer is 409 with the code `import_busy`: try again in a
    minute.

    Args:
        customer (str):
        body (UploadScanRequest): A file of a vulnerability scanner, as multipart/form-data.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | ScanImport
    """

    return sync_detailed(
        customer=customer,
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    customer: str,
    *,
    client: AuthenticatedClient,
    body: UploadScanRequest,
) -> Response[Problem | ScanImport]:
    """Import a vulnerability scan

     Reads a file of Nessus, Qualys, OpenVAS, Greenbone, Tripwire IP360 or Defender for Cloud, and
    matches the machines in the file with the inventory. The next assessment uses the results. If a file
    with the same content was imported before, the answer is 409 with the code `already_imported`. If
    other files are being imported, the answer is 409 with the code `import_busy`: try again in a
    minute.

    Args:
        customer (str):
        body (UploadScanRequest): A file of a vulnerability scanner, as multipart/form-data.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | ScanImport]
    """

    kwargs = _get_kwargs(
        customer=customer,
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    customer: str,
    *,
    client: AuthenticatedClient,
    body: UploadScanRequest,
) -> Problem | ScanImport | None:
    """Import a vulnerability scan

     Reads a file of Nessus, Qualys, OpenVAS, Greenbone, Tripwire IP360 or Defender for Cloud, and
    matches the machines in the file with the inventory. The next assessment uses the results. If a file
    with the same content was imported before, the answer is 409 with the code `already_imported`. If
    other files are being imported, the answer is 409 with the code `import_busy`: try again in a
    minute.

    Args:
        customer (str):
        body (UploadScanRequest): A file of a vulnerability scanner, as multipart/form-data.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | ScanImport
    """

    return (
        await asyncio_detailed(
            customer=customer,
            client=client,
            body=body,
        )
    ).parsed
