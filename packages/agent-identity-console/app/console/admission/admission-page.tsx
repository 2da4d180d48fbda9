import type {
  AdminEnrollmentToken,
  AdminEnrollmentTokenPage,
} from 'agent-identity-authority-core/admin-wire';
import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ConfirmDialog } from '../../parts/confirm-dialog.js';
import { ListTable } from '../../parts/list-table.js';
import { Status } from '../../parts/status.js';
import { Time } from '../../parts/time.js';
import { texts } from '../../texts.js';
import { Words } from '../agents/labels.js';
import type { Api } from '../api.js';
import { useRights } from '../rights.js';
import { linkTo } from '../routing.js';
import { useList } from '../use-load.js';
import { NewTokenDialog } from './new-token-dialog.js';

/** Lists enrollment tokens, makes new ones, and revokes them. */
export function AdmissionPage({ api }: { readonly api: Api }): JSX.Element {
  const { mayOperate } = useRights();
  const [isMaking, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<string>();
  const { title, purpose, make, columns, empty, revoke } = texts.admission;
  const tokens = useList<AdminEnrollmentToken>(
    async (cursor) => {
      const query = { cursor, limit: '50' };
      const page = await api.get<AdminEnrollmentTokenPage>('v1/admin/enrollment-tokens', query);
      return { items: page.enrollment_tokens, nextCursor: page.next_cursor };
    },
    [api],
  );
  return (
    <>
      <div class="heading">
        <h1>{title}</h1>
        {mayOperate && (
          <button type="button" class="main" onClick={() => setMaking(true)}>
            {make}
          </button>
        )}
      </div>
      <section class="card" aria-label={title}>
        <p class="quiet">{purpose}</p>
        <ListTable
          list={tokens}
          label={title}
          columns={columns}
          empty={empty}
          keyOf={(token) => token.enrollment_token_id}
          cells={(token) => cellsOf(token, mayOperate ? setRevoking : undefined)}
        />
      </section>
      {isMaking && <NewTokenDialog api={api} onMade={tokens.reload} onClose={() => setMaking(false)} />}
      {revoking !== undefined && (
        <ConfirmDialog
          {...revoke}
          onConfirm={async () => {
            await api.post(`v1/admin/enrollment-tokens/${encodeURIComponent(revoking)}/revoke`);
            tokens.reload();
          }}
          onClose={() => setRevoking(undefined)}
        />
      )}
    </>
  );
}

function cellsOf(
  token: AdminEnrollmentToken,
  onRevoke: ((id: string) => void) | undefined,
): ComponentChildren[] {
  const { revoke, revokeToken } = texts.admission;
  return [
    <code key="id">{token.enrollment_token_id}</code>,
    <Status key="status" status={token.status} />,
    `${token.account_id} / ${token.chatgpt_user_id}`,
    <Words key="capabilities" words={token.capabilities} />,
    <Time key="expires" at={token.expires_at} />,
    <UsedBy key="agent" agentRuntimeId={token.agent_runtime_id} />,
    onRevoke !== undefined && token.status === 'unused' && (
      <button
        key="revoke"
        type="button"
        class="small danger"
        aria-label={revokeToken(token.enrollment_token_id)}
        onClick={() => onRevoke(token.enrollment_token_id)}
      >
        {revoke.confirm}
      </button>
    ),
  ];
}

function UsedBy({ agentRuntimeId }: { readonly agentRuntimeId: string | null }): JSX.Element {
  if (agentRuntimeId === null) return <span class="quiet">{texts.none}</span>;
  return (
    <a class="mono" href={linkTo('agents', agentRuntimeId)}>
      {agentRuntimeId}
    </a>
  );
}
