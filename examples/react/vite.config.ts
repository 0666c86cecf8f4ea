import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [react()],
  // The server lets this origin in; another port would be refused by the browser without saying so on the page.
  server: { port: 5173, strictPort: true },
  preview: { port: 5173, strictPort: true },
});
