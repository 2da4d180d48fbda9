import type { AdminAgentPage } from 'agent-identity-authority-core/admin-wire';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Banner } from '../parts/banner.js';
import { texts } from '../texts.js';
import { AdmissionPage } from './admission/admission-page.js';
import { AgentPage } from './agents/agent-page.js';
import { AgentsPage } from './agents/agents-page.js';
import { type Api, createApi } from './api.js';
import { HealthPage } from './health/health-page.js';
import { KeysPage } from './keys/keys-page.js';
import { LogPage } from './log/log-page.js';
import { linkTo, type Route, useRoute } from './routing.js';
import { SignIn } from './sign-in.js';

/** The console: asks for a token, and shows the pages of administrators. A reload forgets the token. */
export function ConsolePage(): JSX.Element {
  const [api, setApi] = useState<Api>();
  const [reason, setReason] = useState<string>();
  const route = useRoute();
  const end = (why: string | undefined) => {
    setApi(undefined);
    setReason(why);
  };
  const start = async (token: string) => {
    let isTried = false;
    const session = createApi({ token, onTokenRefused: () => isTried && end(texts.signIn.ended) });
    await session.get<AdminAgentPage>('v1/admin/agents', { limit: '1' });
    isTried = true;
    setReason(undefined);
    setApi(session);
  };
  if (api === undefined) {
    return (
      <>
        <Banner>
          <InspectorLink />
        </Banner>
        <SignIn reason={reason} onToken={start} />
      </>
    );
  }
  return (
    <>
      <button type="button" class="skip" onClick={skipToContent}>
        {texts.skip}
      </button>
      <Banner>
        <nav aria-label={texts.navigation}>
          {pages.map(({ page, title }) => (
            <a key={page} href={linkTo(page)} aria-current={pageOf(route) === page ? 'page' : undefined}>
              {title}
            </a>
          ))}
          <InspectorLink />
        </nav>
        <button type="button" class="small" onClick={() => end(undefined)}>
          {texts.signOut}
        </button>
      </Banner>
      <Content api={api} route={route} />
    </>
  );
}

const pages = [
  { page: 'agents', title: texts.agents.title },
  { page: 'admission', title: texts.admission.title },
  { page: 'keys', title: texts.keys.title },
  { page: 'log', title: texts.log.title },
  { page: 'health', title: texts.health.title },
] as const;

function pageOf({ page }: Route): string {
  return pages.find((known) => known.page === page)?.page ?? 'agents';
}

/** In a tab of its own: this one would forget the token. */
function InspectorLink(): JSX.Element {
  return (
    <a href="./inspector.html" target="_blank" rel="noopener">
      {texts.inspector.title}
    </a>
  );
}

function Content({ api, route }: { readonly api: Api; readonly route: Route }): JSX.Element {
  const ref = useRef<HTMLElement>(null);
  const page = pageOf(route);
  // Screen readers then read the new page.
  useEffect(() => {
    const heading = ref.current?.querySelector('h1');
    document.title = `${heading?.textContent ?? ''} · ${texts.product}`;
    ref.current?.focus();
  }, [page, route.id]);
  return (
    <main id="content" ref={ref} tabIndex={-1}>
      {page === 'agents' &&
        (route.id === undefined ? (
          <AgentsPage api={api} query={route.query} />
        ) : (
          <AgentPage key={route.id} api={api} agentRuntimeId={route.id} />
        ))}
      {page === 'admission' && <AdmissionPage api={api} />}
      {page === 'keys' && <KeysPage api={api} />}
      {page === 'log' && <LogPage api={api} query={route.query} />}
      {page === 'health' && <HealthPage api={api} />}
    </main>
  );
}

/** Not a link: the fragment is taken by the route. */
function skipToContent(): void {
  document.querySelector<HTMLElement>('#content')?.focus();
}
