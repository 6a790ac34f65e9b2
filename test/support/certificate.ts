/** A certificate and its key, made for tests (openssl, self-signed, valid for a hundred years); `name` is the only name it has. */
export interface TestCertificate {
  readonly name: string;
  readonly cert: string;
  readonly key: string;
}

export const certificateA: TestCertificate = {
  name: 'a.example.test',
  cert: `-----BEGIN CERTIFICATE-----
MIIBpDCCAUqgAwIBAgIUKgRwF70if+49Rob0w1MEEQYWVDowCgYIKoZIzj0EAwIw
GTEXMBUGA1UEAwwOYS5leGFtcGxlLnRlc3QwIBcNMjYxMTIyMTYxNzAyWhgPMjEy
NjEwMjkxNjE3MDJaMBkxFzAVBgNVBAMMDmEuZXhhbXBsZS50ZXN0MFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAEGkWjx+7fn6oMRNoIOHBrvVRI8LLIodjG7dmq42C7
WYhairBAXN7g/Xaa6+YjNyCF0dpBdl0H09tLuBn94uxj7aNuMGwwHQYDVR0OBBYE
FJpEs4Mko3r1n9UkK5KH2kGlmGuzMB8GA1UdIwQYMBaAFJpEs4Mko3r1n9UkK5KH
2kGlmGuzMA8GA1UdEwEB/wQFMAMBAf8wGQYDVR0RBBIwEIIOYS5leGFtcGxlLnRl
c3QwCgYIKoZIzj0EAwIDSAAwRQIgX7IMEtPCA38MA8bkGHQEfd8FhzoOaqddHXfx
DLOaMVICIQDxi4j8L9cjwLx645FklelG6gcJCMYrn00FTpAGYW4H5Q==
-----END CERTIFICATE-----
`,
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgwIvH8cow1kHK/WsS
9uqfR8p4o6NNyxIByUt+uq7hbW+hRANCAAQaRaPH7t+fqgxE2gg4cGu9VEjwssih
2Mbt2arjYLtZiFqKsEBc3uD9dprr5iM3IIXR2kF2XQfT20u4Gf3i7GPt
-----END PRIVATE KEY-----
`,
};

export const certificateB: TestCertificate = {
  name: 'b.example.test',
  cert: `-----BEGIN CERTIFICATE-----
MIIBpTCCAUqgAwIBAgIUUolB+9Lembe3TUlNCU7R2ecek08wCgYIKoZIzj0EAwIw
GTEXMBUGA1UEAwwOYi5leGFtcGxlLnRlc3QwIBcNMjYxMTIyMTYxNzAyWhgPMjEy
NjEwMjkxNjE3MDJaMBkxFzAVBgNVBAMMDmIuZXhhbXBsZS50ZXN0MFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAEU/LBv7GxoWCUEOxdXOuA7vXwYm5e8Wskm/R7m7rc
aXHdZVWSKwCxOLPubyJq1n7BPGB16GP47jHS4IaxkHVI4qNuMGwwHQYDVR0OBBYE
FFb6r63GmY+zJFNrFhZgtej48gSCMB8GA1UdIwQYMBaAFFb6r63GmY+zJFNrFhZg
tej48gSCMA8GA1UdEwEB/wQFMAMBAf8wGQYDVR0RBBIwEIIOYi5leGFtcGxlLnRl
c3QwCgYIKoZIzj0EAwIDSQAwRgIhALtCdAKnMI3cP3r474sf7tYbqgCiOarmpJ8q
g0EYEHwRAiEAq5iIZSzVujJX5oNxybuVtQs9YPcDYgoK4n+bXZvZY8s=
-----END CERTIFICATE-----
`,
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQggqDY5BEsDU7EuPQm
FOPhCucHoQ/h6dnc34g69NJFfzmhRANCAART8sG/sbGhYJQQ7F1c64Du9fBibl7x
aySb9Hubutxpcd1lVZIrALE4s+5vImrWfsE8YHXoY/juMdLghrGQdUji
-----END PRIVATE KEY-----
`,
};
