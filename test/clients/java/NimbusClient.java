import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.oauth2.sdk.*;
import com.nimbusds.oauth2.sdk.as.AuthorizationServerMetadata;
import com.nimbusds.oauth2.sdk.auth.*;
import com.nimbusds.oauth2.sdk.device.*;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.id.*;
import com.nimbusds.oauth2.sdk.pkce.*;
import com.nimbusds.oauth2.sdk.token.*;
import com.nimbusds.oauth2.sdk.tokenexchange.TokenExchangeGrant;
import com.nimbusds.oauth2.sdk.util.JSONObjectUtils;
import java.io.*;
import java.net.URI;
import java.nio.file.*;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.*;
import javax.net.ssl.*;
import net.minidev.json.JSONObject;

/** The OAuth 2.0 SDK of Nimbus, driven by a test: one JSON object a line comes in and says what to do, one goes out. */
final class NimbusClient {
  private JSONObject config;
  private AuthorizationServerMetadata metadata;
  private CodeVerifier verifier;
  private State state;
  private DeviceCode deviceCode;

  public static void main(String[] args) throws IOException {
    var client = new NimbusClient();
    var lines = new BufferedReader(new InputStreamReader(System.in));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      var answer = new JSONObject();
      try {
        answer.put("result", client.act(JSONObjectUtils.parse(line)));
        answer.put("ok", true);
      } catch (Refused refused) {
        answer.put("ok", false);
        answer.put("error", refused.error.getCode());
        answer.put("detail", refused.error.getDescription());
      } catch (Exception error) {
        answer.put("ok", false);
        answer.put("error", error.getClass().getSimpleName());
        answer.put("detail", String.valueOf(error.getMessage()));
      }
      System.out.println(answer.toJSONString());
    }
  }

  private static final class Refused extends Exception {
    final ErrorObject error;

    Refused(ErrorObject error) {
      this.error = error;
    }
  }

  private Map<String, ?> act(JSONObject request) throws Exception {
    return switch ((String) request.get("do")) {
      case "open" -> open(request);
      case "client_credentials" ->
          token(new ClientCredentialsGrant(), authentication((String) request.get("method")), scope());
      case "authorize" -> authorize(false);
      case "authorize_pushed" -> authorize(true);
      case "exchange" -> exchange((String) request.get("callback"));
      case "refresh" ->
          token(new RefreshTokenGrant(new RefreshToken((String) request.get("refreshToken"))), basic(), null);
      case "introspect" -> introspect((String) request.get("token"));
      case "revoke" -> revoke((String) request.get("token"));
      case "device" -> device();
      case "device_token" -> token(new DeviceCodeGrant(deviceCode), basic(), null);
      case "token_exchange" ->
          token(
              new TokenExchangeGrant(
                  new BearerAccessToken((String) request.get("subjectToken")), TokenTypeURI.ACCESS_TOKEN),
              basic(),
              Scope.parse((String) request.get("scope")));
      default -> throw new IllegalArgumentException("unknown: " + request.get("do"));
    };
  }

  private Map<String, ?> open(JSONObject request) throws Exception {
    config = request;
    if (request.get("ca") instanceof String file && !file.isEmpty()) {
      var store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      try (var in = Files.newInputStream(Path.of(file))) {
        int number = 0;
        for (var certificate : CertificateFactory.getInstance("X.509").generateCertificates(in))
          store.setCertificateEntry("ca" + number++, certificate);
      }
      var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      managers.init(store);
      var context = SSLContext.getInstance("TLS");
      context.init(null, managers.getTrustManagers(), null);
      HTTPRequest.setDefaultSSLSocketFactory(context.getSocketFactory());
    }
    // Nimbus checks that the issuer in the document is the one that was asked for (RFC 8414 §3.3).
    metadata = AuthorizationServerMetadata.resolve(new Issuer((String) request.get("issuer")), 10_000, 10_000);
    return metadata.toJSONObject();
  }

  private ClientID clientId() {
    return new ClientID((String) config.get("clientId"));
  }

  private Scope scope() {
    return Scope.parse((String) config.get("scope"));
  }

  private URI redirectUri() {
    return URI.create((String) config.get("redirectUri"));
  }

  private ClientAuthentication basic() throws Exception {
    return authentication("client_secret_basic");
  }

  private ClientAuthentication authentication(String method) throws Exception {
    if (method.equals("private_key_jwt")) {
      var key = ECKey.parse((String) config.get("privateJwk")).toECPrivateKey();
      var algorithm = JWSAlgorithm.parse((String) config.get("algorithm"));
      return new PrivateKeyJWT(
          clientId(), URI.create(metadata.getIssuer().getValue()), algorithm, key, (String) config.get("keyId"), null);
    }
    var secret = new Secret((String) config.get("clientSecret"));
    return method.equals("client_secret_post")
        ? new ClientSecretPost(clientId(), secret)
        : new ClientSecretBasic(clientId(), secret);
  }

  private Map<String, ?> token(AuthorizationGrant grant, ClientAuthentication by, Scope scope) throws Exception {
    var request = new TokenRequest.Builder(metadata.getTokenEndpointURI(), by, grant).scope(scope).build();
    var answer = TokenResponse.parse(request.toHTTPRequest().send());
    if (!answer.indicatesSuccess()) throw new Refused(answer.toErrorResponse().getErrorObject());
    return answer.toSuccessResponse().toJSONObject();
  }

  private Map<String, ?> authorize(boolean isPushed) throws Exception {
    verifier = new CodeVerifier();
    state = new State();
    var request =
        new AuthorizationRequest.Builder(ResponseType.CODE, clientId())
            .endpointURI(metadata.getAuthorizationEndpointURI())
            .redirectionURI(redirectUri())
            .scope(scope())
            .state(state)
            .codeChallenge(verifier, CodeChallengeMethod.S256)
            .build();
    if (!isPushed) return Map.of("url", request.toURI().toString());
    var push =
        new PushedAuthorizationRequest(metadata.getPushedAuthorizationRequestEndpointURI(), basic(), request);
    var answer = PushedAuthorizationResponse.parse(push.toHTTPRequest().send());
    if (!answer.indicatesSuccess()) throw new Refused(answer.toErrorResponse().getErrorObject());
    var pushed =
        new AuthorizationRequest.Builder(answer.toSuccessResponse().getRequestURI(), clientId())
            .endpointURI(metadata.getAuthorizationEndpointURI())
            .build();
    return Map.of("url", pushed.toURI().toString());
  }

  private Map<String, ?> exchange(String callback) throws Exception {
    var answer = AuthorizationResponse.parse(URI.create(callback));
    if (!answer.indicatesSuccess()) throw new Refused(answer.toErrorResponse().getErrorObject());
    if (!state.equals(answer.getState())) throw new IllegalStateException("another state came back");
    if (!metadata.getIssuer().equals(answer.getIssuer())) throw new IllegalStateException("another iss came back");
    var code = answer.toSuccessResponse().getAuthorizationCode();
    return token(new AuthorizationCodeGrant(code, redirectUri(), verifier), basic(), null);
  }

  private Map<String, ?> introspect(String token) throws Exception {
    var request =
        new TokenIntrospectionRequest(
            metadata.getIntrospectionEndpointURI(), basic(), new BearerAccessToken(token));
    var answer = TokenIntrospectionResponse.parse(request.toHTTPRequest().send());
    if (!answer.indicatesSuccess()) throw new Refused(answer.toErrorResponse().getErrorObject());
    return answer.toSuccessResponse().toJSONObject();
  }

  private Map<String, ?> revoke(String token) throws Exception {
    var request =
        new TokenRevocationRequest(metadata.getRevocationEndpointURI(), basic(), new BearerAccessToken(token));
    return Map.of("status", request.toHTTPRequest().send().getStatusCode());
  }

  private Map<String, ?> device() throws Exception {
    var request =
        new DeviceAuthorizationRequest.Builder(basic())
            .endpointURI(metadata.getDeviceAuthorizationEndpointURI())
            .scope(scope())
            .build();
    var answer = DeviceAuthorizationResponse.parse(request.toHTTPRequest().send());
    if (!answer.indicatesSuccess()) throw new Refused(answer.toErrorResponse().getErrorObject());
    deviceCode = answer.toSuccessResponse().getDeviceCode();
    return answer.toSuccessResponse().toJSONObject();
  }
}
