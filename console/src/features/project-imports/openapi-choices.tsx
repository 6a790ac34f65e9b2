import { Checkbox, List, Radio, Select, Stack, Text } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import type { OpenApiPreview } from '#core/model/import';
import { plural } from '../../components/format.ts';
import { BasicsFields } from '../project-wizards/basics-fields.tsx';
import { SecurityFields } from '../project-wizards/security-fields.tsx';
import { TargetUrlField } from '../project-wizards/target-url-field.tsx';
import classes from './imports.module.css';
import type { OpenApiValues } from './openapi-steps.tsx';

/** Which operations, under which path, to which server, secured how. */
export function OpenApiChoices({
  form,
  preview,
}: {
  readonly form: UseFormReturnType<OpenApiValues>;
  readonly preview: OpenApiPreview;
}) {
  return (
    <>
      <BasicsFields form={form} placeholder={{ displayName: 'Pet store', contextPath: '/pets' }} />
      <Operations form={form} preview={preview} />
      <Servers form={form} preview={preview} />
      <TargetUrlField {...form.getInputProps('targetUrl')} value={form.values.targetUrl} />
      <SecurityFields form={form} hasScopes={false} />
      {preview.security.length > 0 && (
        <div>
          <Text size="sm" fw={600} mb={2}>
            Security of the document
          </Text>
          <List size="sm" spacing={2}>
            {preview.security.map(({ name, type, sentence }) => (
              <List.Item key={name}>
                <b>{name}</b> ({type}): {sentence}
              </List.Item>
            ))}
          </List>
        </div>
      )}
    </>
  );
}

function Operations({
  form,
  preview: { operations, tags },
}: {
  readonly form: UseFormReturnType<OpenApiValues>;
  readonly preview: OpenApiPreview;
}) {
  return (
    <div>
      <Radio.Group
        label="Resources"
        description="Each operation becomes a resource, to which policies can be attached. DefaultResource takes every other path."
        {...form.getInputProps('choose')}
      >
        <Stack gap={8} mt={8}>
          <Radio value="all" label={`All ${plural(operations, 'operation', 'operations')}`} />
          <Radio
            value="tags"
            label="By tag"
            disabled={tags.length === 0}
            description={tags.length === 0 ? 'The document has no tags' : undefined}
          />
          <Radio value="default" label="Only DefaultResource" description="One resource takes every path." />
        </Stack>
      </Radio.Group>
      {form.values.choose === 'tags' && (
        <Checkbox.Group mt="md" label="Tags" required {...form.getInputProps('tags')}>
          <div className={classes.tags}>
            {tags.map(({ name, operations: count }) => (
              <Checkbox key={name} value={name} label={name} description={plural(count, 'operation', 'operations')} />
            ))}
          </div>
        </Checkbox.Group>
      )}
    </div>
  );
}

/** The servers of the document that can be a target, when there are several. */
function Servers({
  form,
  preview: { servers },
}: {
  readonly form: UseFormReturnType<OpenApiValues>;
  readonly preview: OpenApiPreview;
}) {
  const usable = servers.filter(({ targetUrl }) => targetUrl !== '');
  const urls = [...new Set(usable.map(({ targetUrl }) => targetUrl))];
  if (urls.length < 2) return undefined;
  const wordsOf = (url: string) => {
    const description = usable.find(({ targetUrl }) => targetUrl === url)?.description ?? '';
    return description === '' ? url : `${url} (${description})`;
  };
  return (
    <Select
      label="Server of the document"
      description="Fills the target URL below."
      data={urls.map((url) => ({ value: url, label: wordsOf(url) }))}
      value={urls.includes(form.values.targetUrl) ? form.values.targetUrl : null}
      placeholder="None of them"
      onChange={(url) => url !== null && form.setFieldValue('targetUrl', url)}
    />
  );
}
