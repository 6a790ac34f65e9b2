import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { watchPresence } from './api/presence.ts';
import { queryClient } from './api/query-client.ts';
import { router } from './router.tsx';
import './theme/mantine.css';
import './theme/fonts.css';
import './theme/global.css';
import { cssVariables, styleNonce, theme } from './theme/theme.ts';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no place for the console.');

// Dialogs keep the page behind them from scrolling with a style of their own; where its nonce is read is what bundlers agree on.
Object.assign(globalThis, { __webpack_nonce__: styleNonce() });

watchPresence();
createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      getStyleNonce={styleNonce}
    >
      <Notifications position="bottom-right" />
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
