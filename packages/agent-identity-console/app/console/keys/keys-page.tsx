import type { AdminSigningKey, AdminSigningKeys } from 'agent-identity-authority-core/admin-wire';
import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ConfirmDialog } from '../../parts/confirm-dialog.js';
import { ListTable } from '../../parts/list-table.js';
import { Status } from '../../parts/status.js';
import { Time } from '../../parts/time.js';
import { texts } from '../../texts.js';
import type { Api } from '../api.js';
import { useRights } from '../rights.js';
import { useList } from '../use-load.js';
import { KeyTimeline } from './key-timeline.js';
import { RotateDialog } from './rotate-dialog.js';

/** The keys that sign JWTs: their lives, and their rotation. */
export function KeysPage({ api }: { readonly api: Api }): JSX.Element {
  const { mayChangeKeys } = useRights();
  const [isRotating, setRotating] = useState(false);
  const [retiring, setRetiring] = useState<string>();
  const { title, purpose, rotate, columns, empty, retire } = texts.keys;
  const keys = useList<AdminSigningKey>(async () => {
    const { signing_keys } = await api.get<AdminSigningKeys>('v1/admin/signing-keys');
    return { items: [...signing_keys].reverse(), nextCursor: null };
  }, [api]);
  return (
    <>
      <div class="heading">
        <h1>{title}</h1>
        {mayChangeKeys && (
          <button type="button" class="main" onClick={() => setRotating(true)}>
            {rotate.open}
          </button>
        )}
      </div>
      <section class="card" aria-label={title}>
        <p class="quiet">{purpose}</p>
        {keys.items !== undefined && keys.items.length > 0 && <KeyTimeline keys={keys.items} />}
        <ListTable
          list={keys}
          label={title}
          columns={columns}
          empty={empty}
          keyOf={(key) => key.kid}
          cells={(key) => cellsOf(key, mayChangeKeys ? setRetiring : undefined)}
        />
      </section>
      {isRotating && <RotateDialog api={api} onRotated={keys.reload} onClose={() => setRotating(false)} />}
      {retiring !== undefined && (
        <ConfirmDialog
          {...retire}
          typed={retiring.slice(0, 8)}
          onConfirm={async () => {
            await api.post(`v1/admin/signing-keys/${encodeURIComponent(retiring)}/retire`);
            keys.reload();
          }}
          onClose={() => setRetiring(undefined)}
        />
      )}
    </>
  );
}

function cellsOf(key: AdminSigningKey, onRetire: ((kid: string) => void) | undefined): ComponentChildren[] {
  const { retire, retireKey } = texts.keys;
  return [
    <code key="kid">{key.kid}</code>,
    <Status key="status" status={statusOf(key)} />,
    <Time key="created" at={key.created_at} />,
    <Time key="active" at={key.active_from} />,
    <Time key="until" at={key.published_until} />,
    onRetire !== undefined && key.published && key.published_until !== null && (
      <button
        key="retire"
        type="button"
        class="small danger"
        aria-label={retireKey(key.kid)}
        onClick={() => onRetire(key.kid)}
      >
        {retire.confirm}
      </button>
    ),
  ];
}

function statusOf({ published }: AdminSigningKey): string {
  return published ? texts.keys.published : texts.keys.notPublished;
}
