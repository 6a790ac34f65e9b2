import { Loader, TextInput } from '@mantine/core';
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import type { TargetCheck } from '#core/model/try';
import { api } from '../../api/client.ts';
import { sentenceOf } from '../../api/problem.ts';
import { checkTargetUrl } from '../../components/checks.ts';
import { formatMs } from '../../components/format.ts';
import { useCheckingGroup } from './use-gateway-url.ts';
import classes from './wizard.module.css';

interface TargetUrlFieldProps {
  readonly label?: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly onBlur?: () => void;
  readonly error?: React.ReactNode;
}

/** The URL of a target. When the field is left, a gateway calls it and says how that went; that holds nobody up. */
export function TargetUrlField({ label = 'Target URL', value, onChange, onBlur, error }: TargetUrlFieldProps) {
  const serverGroup = useCheckingGroup();
  const check = useMutation({
    mutationFn: (url: string) => api.post<TargetCheck>('/targets/check', { url, serverGroup }),
  });
  const url = value.trim();
  const isChecked = check.variables === url;
  const checkNow = () => {
    if (serverGroup === undefined || url === 'echo:' || checkTargetUrl(url) !== null || isChecked) return;
    check.mutate(url);
  };
  return (
    <div>
      <TextInput
        label={label}
        description="Where your service answers. Its path is put before the path that is forwarded."
        placeholder="http://127.0.0.1:8080"
        required
        type="url"
        autoComplete="off"
        value={value}
        error={error}
        onChange={(event) => onChange(event.currentTarget.value)}
        onBlur={() => {
          onBlur?.();
          checkNow();
        }}
      />
      <div className={classes.outcome} role="status">
        {isChecked && check.isPending && (
          <>
            <Loader size={14} /> A gateway calls it…
          </>
        )}
        {isChecked && check.data !== undefined && <Found check={check.data} />}
        {isChecked && check.isError && <>It could not be checked: {sentenceOf(check.error)}</>}
      </div>
    </div>
  );
}

function Found({ check: { ok, statusClass, ms, problem } }: { readonly check: TargetCheck }) {
  if (!ok)
    return (
      <>
        <IconAlertTriangle size={16} color="var(--warn)" aria-hidden="true" />
        <span>{problem ?? 'It did not answer.'} You can go on: a target may come up later.</span>
      </>
    );
  const answer = statusClass === undefined ? 'Answered' : `Answered ${statusClass}`;
  return (
    <>
      <IconCheck size={16} color="var(--ok)" aria-hidden="true" />
      <span>
        {answer}
        {ms !== undefined && ` in ${formatMs(ms)}`}
      </span>
    </>
  );
}
