// Puts the page into the document.
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Page } from './Page.tsx';
import './style.css';

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <Page server={import.meta.env['VITE_SERVER'] ?? 'http://127.0.0.1:3000'} />
    </StrictMode>,
  );
}
