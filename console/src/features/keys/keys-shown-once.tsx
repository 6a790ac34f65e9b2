import { Button, Group, Stack, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import type { NewSecret } from '#core/model/consumer-key';
import { CodeLine } from '../../components/code-line.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { download } from '../../components/download.ts';

/** Shows a new consumer secret, this once (console.md §4.17). Closing asks, unless it was copied or downloaded. */
export function KeysShownOnce({
  secret,
  tokenUrl,
  onClose,
}: {
  readonly secret: NewSecret | undefined;
  /** A token end point that is live, for the curl line. */
  readonly tokenUrl: string | undefined;
  readonly onClose: () => void;
}) {
  const [isTaken, setTaken] = useState(false);
  const [asks, setAsks] = useState(false);
  const close = () => {
    setTaken(false);
    setAsks(false);
    onClose();
  };
  const holdsSecret = secret?.consumerSecret !== undefined;
  return (
    <Dialog
      title={holdsSecret ? 'Consumer key and secret' : 'Consumer key'}
      size="lg"
      isOpen={secret !== undefined}
      onClose={() => (isTaken || !holdsSecret ? close() : setAsks(true))}
    >
      {secret !== undefined && asks && (
        <Stack>
          <Text size="sm">Have you saved the secret? It cannot be shown again.</Text>
          <Group justify="flex-end" gap="xs">
            <Button variant="default" data-autofocus onClick={() => setAsks(false)}>
              Show it again
            </Button>
            <Button onClick={close}>I have saved it</Button>
          </Group>
        </Stack>
      )}
      {secret !== undefined && !asks && (
        <Shown
          secret={secret}
          tokenUrl={tokenUrl}
          onTaken={() => setTaken(true)}
          onDone={() => (isTaken || !holdsSecret ? close() : setAsks(true))}
        />
      )}
    </Dialog>
  );
}

/** The key of a client that proves itself without secret, or not at all: nothing of it is secret. */
function KeyAlone({ consumerKey, onDone }: { readonly consumerKey: string; readonly onDone: () => void }) {
  return (
    <Stack>
      <Text size="sm">This client uses no consumer secret. Its consumer key is its client_id.</Text>
      <CodeLine value={consumerKey} label="Copy consumer key" />
      <Group justify="flex-end">
        <Button onClick={onDone}>Done</Button>
      </Group>
    </Stack>
  );
}

function Shown({
  secret,
  tokenUrl,
  onTaken,
  onDone,
}: {
  readonly secret: NewSecret;
  readonly tokenUrl: string | undefined;
  readonly onTaken: () => void;
  readonly onDone: () => void;
}) {
  const { consumerKey, consumerSecret } = secret;
  if (consumerSecret === undefined) return <KeyAlone consumerKey={consumerKey} onDone={onDone} />;
  const env = `GATEWRIGHT_CONSUMER_KEY=${consumerKey}\nGATEWRIGHT_CONSUMER_SECRET=${consumerSecret}\n`;
  const curl = `curl -X POST ${tokenUrl ?? 'TOKEN_URL'} -u ${consumerKey}:${consumerSecret} -d grant_type=client_credentials`;
  return (
    <Stack>
      <Text size="sm">
        {secret.secret?.kept === 'encrypted'
          ? 'The consumer secret is shown this once. It is kept encrypted: assertions signed with it are checked with it.'
          : 'The consumer secret is shown this once. Only a fingerprint of it is kept here.'}
      </Text>
      <div>
        <Text size="sm" fw={600} mb={4}>
          Consumer Key
        </Text>
        <CodeLine value={consumerKey} label="Copy consumer key" />
      </div>
      <div>
        <Text size="sm" fw={600} mb={4}>
          Consumer Secret
        </Text>
        <CodeLine value={consumerSecret} label="Copy consumer secret" onCopied={onTaken} />
      </div>
      <div>
        <Text size="sm" fw={600} mb={4}>
          Get an access token
        </Text>
        <CodeLine value={curl} label="Copy the curl line" onCopied={onTaken} />
        {tokenUrl === undefined && (
          <Text size="xs" c="dimmed" mt={4}>
            No token end point is deployed yet: put its address in place of TOKEN_URL.
          </Text>
        )}
      </div>
      <Group justify="space-between" gap="xs">
        <Group gap="xs">
          <CopyButton value={env} label="Copy both as .env" onCopied={onTaken} />
          <Button
            variant="default"
            leftSection={<IconDownload size={16} />}
            onClick={() => {
              download('.env', env, 'text/plain');
              onTaken();
            }}
          >
            Download .env
          </Button>
        </Group>
        <Button onClick={onDone}>Done</Button>
      </Group>
    </Stack>
  );
}
