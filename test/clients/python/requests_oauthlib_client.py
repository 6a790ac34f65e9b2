"""The OAuth client of requests-oauthlib, as its documentation has it: requests_oauthlib.OAuth2Session over oauthlib's clients."""

import os

import requests
from oauthlib.oauth2 import BackendApplicationClient
from protocol import serve
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session

# Tests talk over loopback, some of them without TLS; oauthlib refuses that unless it is told.
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
os.environ["OAUTHLIB_RELAX_TOKEN_SCOPE"] = "1"

state = {}


def verify():
    return state["config"].get("ca") or True


def open_client(**config):
    state["config"] = config
    scheme, _, rest = config["issuer"].partition("://")
    host, _, below = rest.partition("/")
    url = f"{scheme}://{host}/.well-known/oauth-authorization-server/{below}".rstrip("/")
    answer = requests.get(url, verify=verify(), timeout=10)
    answer.raise_for_status()
    state["metadata"] = answer.json()
    return state["metadata"]


def client_credentials(method):
    config = state["config"]
    client = OAuth2Session(client=BackendApplicationClient(client_id=config["clientId"], scope=config["scope"].split()))
    url = state["metadata"]["token_endpoint"]
    if method == "client_secret_basic":
        auth = HTTPBasicAuth(config["clientId"], config["clientSecret"])
        return client.fetch_token(url, auth=auth, verify=verify())
    return client.fetch_token(
        url, client_secret=config["clientSecret"], include_client_id=True, verify=verify()
    )


def session():
    config = state["config"]
    return OAuth2Session(
        config["clientId"], redirect_uri=config["redirectUri"], scope=config["scope"].split(), pkce="S256"
    )


def authorize():
    state["session"] = session()
    url, _ = state["session"].authorization_url(state["metadata"]["authorization_endpoint"])
    return {"url": url}


def exchange(callback):
    return state["session"].fetch_token(
        state["metadata"]["token_endpoint"],
        authorization_response=callback,
        client_secret=state["config"]["clientSecret"],
        verify=verify(),
    )


def refresh(refreshToken):
    config = state["config"]
    return session().refresh_token(
        state["metadata"]["token_endpoint"],
        refresh_token=refreshToken,
        auth=HTTPBasicAuth(config["clientId"], config["clientSecret"]),
        verify=verify(),
    )


serve(
    {
        "open": open_client,
        "client_credentials": client_credentials,
        "authorize": authorize,
        "exchange": exchange,
        "refresh": refresh,
    }
)
