import { Radio, Stack, TagsInput, Text } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import type { ProjectRow } from '#core/model/overview/screens';
import type { ListPage } from '../../api/page.ts';
import { Link } from '../../components/link.tsx';
import { useApi } from '../../components/loaded.tsx';
import type { Security } from './security.ts';

interface SecurityFieldsProps<Values extends Security> {
  readonly form: UseFormReturnType<Values>;
  /** False: the scopes come from elsewhere, such as each operation of a document. */
  readonly hasScopes?: boolean;
}

/** API customization: Secure API with, and how. */
export function SecurityFields<Values extends Security>({ form, hasScopes = true }: SecurityFieldsProps<Values>) {
  return (
    <>
      <Radio.Group
        label="Secure API with"
        description="Holds for every resource of the project, also for those added later."
        {...form.getInputProps('secureWith')}
      >
        <Stack gap={8} mt={8}>
          <Radio value="none" label="None" description="Anyone who reaches a gateway can call it." />
          <Radio
            value="oauth"
            label="OAuth 2.0 Access Tokens"
            description="Attaches OAuth Verify Access Token to Proxy Request of DefaultResource."
          />
        </Stack>
      </Radio.Group>
      {form.values.secureWith === 'oauth' && (
        <>
          <Radio.Group
            label="Access token location"
            description="Where clients send the token. The header is safer: query strings end up in logs."
            {...form.getInputProps('tokenIn')}
          >
            <Stack gap={8} mt={8}>
              <Radio value="header" label="Header" description="Authorization: Bearer …" />
              <Radio value="query" label="Query" description="?access_token=…" />
              <Radio value="either" label="Either" description="The header first, then the query." />
            </Stack>
          </Radio.Group>
          {hasScopes && (
            <TagsInput
              label="Required scopes"
              description="The token must carry these. Enter adds one; leave it empty to take any token."
              placeholder="orders:read"
              splitChars={[',', ' ']}
              {...form.getInputProps('scopes')}
            />
          )}
          <TokenEndPoints />
        </>
      )}
    </>
  );
}

/** Which token end point gives the tokens. */
function TokenEndPoints() {
  const { data } = useApi<ListPage<ProjectRow>>('/overview/projects', {
    query: { kind: 'oauth-token-endpoint', limit: 5 },
  });
  if (data === undefined) return undefined;
  return (
    <Text size="sm">
      <b>Token end point:</b>{' '}
      {data.items.length === 0 ? (
        <>
          None yet.{' '}
          <Link to="/projects" search={{ add: 'oauth-token-endpoint' } as never} target="_blank" underline="always">
            Create one
          </Link>{' '}
          (opens in a new tab).
        </>
      ) : (
        data.items.map(({ name, displayName, contextPath }, index) => (
          <span key={name}>
            {index > 0 && ', '}
            <Link to={`/projects/${name}`} target="_blank" underline="always">
              {displayName}
            </Link>{' '}
            <span className="mono">{contextPath}</span>
          </span>
        ))
      )}
    </Text>
  );
}
