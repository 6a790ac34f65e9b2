import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { redirectUri } from '../../flows.ts';
import { benchClient } from '../../node-server.ts';

/** The realm that is imported at the first start. */
export const realm = 'bench';

/** Who signs in. */
export const owner = { name: 'alice', password: 'correct horse battery staple' } as const;

/** Writes the realm into the folder that Keycloak imports from; false when this run did so before. */
export function writeRealm(runDir: string, importDir: string): boolean {
  const mark = join(runDir, 'imported');
  if (existsSync(mark)) return false;
  mkdirSync(importDir, { recursive: true });
  writeFileSync(join(importDir, `${realm}-realm.json`), JSON.stringify(describeRealm()));
  writeFileSync(mark, '');
  return true;
}

/** Refresh tokens are used once, as with the others; lives are long enough for a run. */
function describeRealm() {
  return {
    realm,
    enabled: true,
    sslRequired: 'none',
    accessTokenLifespan: 3600,
    accessCodeLifespan: 300,
    revokeRefreshToken: true,
    refreshTokenMaxReuse: 0,
    clients: [
      {
        clientId: benchClient.id,
        secret: benchClient.secret,
        enabled: true,
        protocol: 'openid-connect',
        publicClient: false,
        clientAuthenticatorType: 'client-secret',
        serviceAccountsEnabled: true,
        standardFlowEnabled: true,
        directAccessGrantsEnabled: false,
        redirectUris: [redirectUri],
      },
    ],
    users: [
      {
        ...{ username: owner.name, firstName: 'Alice', lastName: 'Bench', email: 'alice@example.com' },
        ...{ enabled: true, emailVerified: true },
        credentials: [{ type: 'password', value: owner.password }],
      },
    ],
  };
}
