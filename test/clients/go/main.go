// The OAuth client of golang.org/x/oauth2, driven by a test: one JSON object a line comes in and says what to do, one goes out.
package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

type request struct {
	Do           string `json:"do"`
	Issuer       string `json:"issuer"`
	ClientID     string `json:"clientId"`
	ClientSecret string `json:"clientSecret"`
	RedirectURI  string `json:"redirectUri"`
	Scope        string `json:"scope"`
	CA           string `json:"ca"`
	Method       string `json:"method"`
	Callback     string `json:"callback"`
	RefreshToken string `json:"refreshToken"`
	DeviceCode   string `json:"deviceCode"`
}

type metadata struct {
	Issuer   string `json:"issuer"`
	Auth     string `json:"authorization_endpoint"`
	Token    string `json:"token_endpoint"`
	DeviceAt string `json:"device_authorization_endpoint"`
}

type program struct {
	ctx      context.Context
	opened   request
	metadata metadata
	verifier string
	state    string
	device   *oauth2.DeviceAuthResponse
}

func (p *program) config() *oauth2.Config {
	style := oauth2.AuthStyleInHeader
	if p.opened.ClientSecret == "" {
		style = oauth2.AuthStyleInParams
	}
	return &oauth2.Config{
		ClientID:     p.opened.ClientID,
		ClientSecret: p.opened.ClientSecret,
		RedirectURL:  p.opened.RedirectURI,
		Scopes:       strings.Fields(p.opened.Scope),
		Endpoint: oauth2.Endpoint{
			AuthURL:       p.metadata.Auth,
			TokenURL:      p.metadata.Token,
			DeviceAuthURL: p.metadata.DeviceAt,
			AuthStyle:     style,
		},
	}
}

func (p *program) open(r request) (any, error) {
	p.opened = r
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if r.CA != "" {
		pem, err := os.ReadFile(r.CA)
		if err != nil {
			return nil, err
		}
		pool := x509.NewCertPool()
		pool.AppendCertsFromPEM(pem)
		transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	client := &http.Client{Transport: transport, Timeout: 10 * time.Second}
	p.ctx = context.WithValue(context.Background(), oauth2.HTTPClient, client)
	issuer, err := url.Parse(r.Issuer)
	if err != nil {
		return nil, err
	}
	answer, err := client.Get(issuer.Scheme + "://" + issuer.Host + "/.well-known/oauth-authorization-server" + issuer.Path)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(&p.metadata); err != nil {
		return nil, err
	}
	return p.metadata, nil
}

func (p *program) clientCredentials(r request) (any, error) {
	style := oauth2.AuthStyleInHeader
	if r.Method == "client_secret_post" {
		style = oauth2.AuthStyleInParams
	}
	config := clientcredentials.Config{
		ClientID:     p.opened.ClientID,
		ClientSecret: p.opened.ClientSecret,
		TokenURL:     p.metadata.Token,
		Scopes:       strings.Fields(p.opened.Scope),
		AuthStyle:    style,
	}
	return tokenOf(config.Token(p.ctx))
}

func (p *program) authorize(request) (any, error) {
	p.verifier = oauth2.GenerateVerifier()
	p.state = oauth2.GenerateVerifier()
	return map[string]string{"url": p.config().AuthCodeURL(p.state, oauth2.S256ChallengeOption(p.verifier))}, nil
}

func (p *program) exchange(r request) (any, error) {
	callback, err := url.Parse(r.Callback)
	if err != nil {
		return nil, err
	}
	if callback.Query().Get("state") != p.state {
		return nil, errors.New("another state came back")
	}
	return tokenOf(p.config().Exchange(p.ctx, callback.Query().Get("code"), oauth2.VerifierOption(p.verifier)))
}

func (p *program) refresh(r request) (any, error) {
	expired := &oauth2.Token{RefreshToken: r.RefreshToken, Expiry: time.Now().Add(-time.Minute)}
	return tokenOf(p.config().TokenSource(p.ctx, expired).Token())
}

func (p *program) deviceAuth(request) (any, error) {
	device, err := p.config().DeviceAuth(p.ctx)
	p.device = device
	return device, err
}

func (p *program) deviceToken(request) (any, error) {
	if p.device == nil {
		return nil, errors.New("no device code was asked for")
	}
	return tokenOf(p.config().DeviceAccessToken(p.ctx, p.device))
}

func tokenOf(token *oauth2.Token, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"access_token":  token.AccessToken,
		"token_type":    token.TokenType,
		"refresh_token": token.RefreshToken,
		"expires_in":    int(time.Until(token.Expiry).Seconds() + 0.5),
	}, nil
}

func main() {
	p := &program{ctx: context.Background()}
	actions := map[string]func(request) (any, error){
		"open":               p.open,
		"client_credentials": p.clientCredentials,
		"authorize":          p.authorize,
		"exchange":           p.exchange,
		"refresh":            p.refresh,
		"device":             p.deviceAuth,
		"device_token":       p.deviceToken,
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 1<<16), 1<<20)
	for lines.Scan() {
		var r request
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			panic(err)
		}
		answer := map[string]any{"ok": true}
		result, err := actions[r.Do](r)
		if err != nil {
			code := "error"
			var retrieve *oauth2.RetrieveError
			if errors.As(err, &retrieve) {
				code = retrieve.ErrorCode
			}
			answer = map[string]any{"ok": false, "error": code, "detail": err.Error()}
		} else {
			answer["result"] = result
		}
		text, _ := json.Marshal(answer)
		fmt.Println(string(text))
	}
}
