"""The OAuth client of Authlib, as its documentation has it: authlib.integrations.requests_client.OAuth2Session."""

import requests
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from protocol import serve

DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"

state = {}


def session(method="client_secret_basic", **more):
    config, metadata = state["config"], state["metadata"]
    secret = config["privateKey"] if method == "private_key_jwt" else config["clientSecret"]
    made = OAuth2Session(
        client_id=config["clientId"],
        client_secret=secret,
        scope=config["scope"],
        redirect_uri=config["redirectUri"],
        token_endpoint=metadata["token_endpoint"],
        token_endpoint_auth_method=method,
        revocation_endpoint_auth_method=method,
        code_challenge_method="S256",
        **more,
    )
    if config.get("ca"):
        made.verify = config["ca"]
    if method == "private_key_jwt":
        # RFC 7523 demands the issuer or the token end point as audience; this server takes the issuer alone (RFC 9700, decision 13).
        made.register_client_auth_method(
            PrivateKeyJWT(metadata["issuer"], alg=config["algorithm"], headers={"kid": config["keyId"]})
        )
    return made


def open_client(**config):
    state["config"] = config
    path = "/.well-known/oauth-authorization-server"
    scheme, _, rest = config["issuer"].partition("://")
    host, _, below = rest.partition("/")
    url = f"{scheme}://{host}{path}/{below}".rstrip("/")
    answer = requests.get(url, verify=config.get("ca") or True, timeout=10)
    answer.raise_for_status()
    state["metadata"] = answer.json()
    return state["metadata"]


def client_credentials(method):
    return dict(session(method).fetch_token(grant_type="client_credentials"))


def authorize():
    state["verifier"] = generate_token(48)
    state["session"] = session()
    url, state["state"] = state["session"].create_authorization_url(
        state["metadata"]["authorization_endpoint"], code_verifier=state["verifier"]
    )
    return {"url": url}


def exchange(callback):
    return dict(
        state["session"].fetch_token(
            authorization_response=callback, state=state["state"], code_verifier=state["verifier"]
        )
    )


def refresh(refreshToken):
    return dict(session().refresh_token(state["metadata"]["token_endpoint"], refresh_token=refreshToken))


def introspect(token):
    return session().introspect_token(state["metadata"]["introspection_endpoint"], token=token).json()


def revoke(token, hint):
    answer = session().revoke_token(state["metadata"]["revocation_endpoint"], token=token, token_type_hint=hint)
    return {"status": answer.status_code}


def device():
    config = state["config"]
    answer = requests.post(
        state["metadata"]["device_authorization_endpoint"],
        data={"scope": config["scope"]},
        auth=(config["clientId"], config["clientSecret"]),
        verify=config.get("ca") or True,
        timeout=10,
    )
    return answer.json()


def device_token(deviceCode):
    return dict(session().fetch_token(grant_type=DEVICE, device_code=deviceCode))


def token_exchange(subjectToken, scope):
    made = session()
    made.scope = scope
    return dict(made.fetch_token(grant_type=EXCHANGE, subject_token=subjectToken, subject_token_type=ACCESS_TOKEN))


serve(
    {
        "open": open_client,
        "client_credentials": client_credentials,
        "authorize": authorize,
        "exchange": exchange,
        "refresh": refresh,
        "introspect": introspect,
        "revoke": revoke,
        "device": device,
        "device_token": device_token,
        "token_exchange": token_exchange,
    }
)
