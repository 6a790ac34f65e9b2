import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import { listSettings } from './config.ts';
import { SECRET_SETTINGS } from './config-schema.ts';

const FILE = join(import.meta.dirname, '..', 'docs', 'configuration.md');

/** docs/configuration.md, made from the schema. `node main/configuration-docs.ts` writes it; a test holds it fresh. */
export function renderConfigurationDocs(): string {
  const rows = listSettings().map(({ path, variable, schema }) => {
    const fallback = schema instanceof z.ZodDefault ? JSON.stringify(schema.def.defaultValue) : '';
    const secret = SECRET_SETTINGS.includes(path) ? ` Secret; also from the file named in \`${variable}_FILE\`.` : '';
    return `| \`${path}\` | \`${variable}\` | \`${fallback}\` | ${schema.description ?? ''}${secret} |`;
  });
  return `# Configuration

Every setting has a default; none is needed to start. Options of the command line win over the environment, the environment over the file, the file over the defaults.

The file is YAML: \`--config FILE\`, \`GATEWRIGHT_CONFIG_FILE\`, or \`gatewright.yaml\` in the folder of the start. A name that is no setting is refused with its place, and all
errors are told at once. \`gatewright start --print-config\` shows what holds, with secrets masked.

\`\`\`yaml
workers: 2
gateway:
  port: 8443
  certFile: /etc/gatewright/gateway.pem
  keyFile: /etc/gatewright/gateway.key
  trustedProxies: [10.0.0.0/8]
\`\`\`

In variables, lists are values with commas between them, or JSON.

| setting | variable | default | what it does |
|---|---|---|---|
${rows.join('\n')}

This page is made from \`main/config-schema.ts\` by \`node main/configuration-docs.ts\`.
`;
}

/** True when the page on disk is the one the schema makes. */
export function isConfigurationDocsFresh(): boolean {
  return readFileSync(FILE, 'utf8') === renderConfigurationDocs();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) writeFileSync(FILE, renderConfigurationDocs());
