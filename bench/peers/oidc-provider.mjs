// oidc-provider in memory: opaque tokens, the secret in the form. Whoever comes to sign in is signed in and has allowed everything.
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

// What it keeps; its own adapter for memory holds 1 000 things, fewer than codes wait here. The oldest tokens go first; sessions and grants, which
// are few and old, stay, since what hangs on them would be refused.
const kept = new Map();
const keptAtMost = 50_000;
const stay = /^(Session|Grant|grant|uid):/;
const passing = new Set();
const keep = (key, value) => {
  kept.set(key, value);
  if (stay.test(key)) return;
  passing.add(key);
  if (passing.size > keptAtMost) remove(passing.values().next().value);
};
const remove = (key) => {
  kept.delete(key);
  passing.delete(key);
};

class Memory {
  constructor(name) {
    this.name = name;
  }

  key(id) {
    return `${this.name}:${id}`;
  }

  async upsert(id, payload) {
    const key = this.key(id);
    if (payload.uid && this.name === 'Session') keep(`uid:${payload.uid}`, id);
    if (payload.grantId && this.name !== 'Session') {
      const ofGrant = kept.get(`grant:${payload.grantId}`) ?? [];
      if (ofGrant.length === 0) keep(`grant:${payload.grantId}`, ofGrant);
      ofGrant.push(key);
    }
    keep(key, payload);
  }

  async find(id) {
    return kept.get(this.key(id));
  }

  async findByUid(uid) {
    return this.find(kept.get(`uid:${uid}`));
  }

  async consume(id) {
    kept.get(this.key(id)).consumed = Math.floor(Date.now() / 1000);
  }

  async destroy(id) {
    remove(this.key(id));
  }

  async revokeByGrantId(grantId) {
    for (const key of kept.get(`grant:${grantId}`) ?? []) remove(key);
    remove(`grant:${grantId}`);
  }
}

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  const provider = new Provider(`http://127.0.0.1:${port}`, {
    adapter: Memory,
    clients: [
      {
        client_id: process.env.CLIENT_ID,
        client_secret: process.env.CLIENT_SECRET,
        token_endpoint_auth_method: 'client_secret_post',
        grant_types: ['client_credentials', 'authorization_code', 'refresh_token'],
        redirect_uris: [process.env.REDIRECT_URI],
        response_types: ['code'],
      },
    ],
    features: {
      clientCredentials: { enabled: true },
      introspection: { enabled: true },
      devInteractions: { enabled: false },
    },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    issueRefreshToken: () => true,
    pkce: { required: () => false },
    rotateRefreshToken: true,
    scopes: ['read'],
    ttl: { AuthorizationCode: 300, ClientCredentials: 3600 },
  });
  const answer = provider.callback();
  server.on('request', (request, response) => {
    if (request.url.startsWith('/interaction/')) allow(provider, request, response).catch(() => response.destroy());
    else answer(request, response);
  });
  console.log(JSON.stringify({ port }));
});

async function allow(provider, request, response) {
  const { params } = await provider.interactionDetails(request, response);
  const grant = new provider.Grant({ accountId: 'alice', clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  const result = { login: { accountId: 'alice' }, consent: { grantId: await grant.save() } };
  await provider.interactionFinished(request, response, result);
}
