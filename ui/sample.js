// The command that sends a first event to a source, where what it speaks is known. Pure.

/** @import { SourceView } from "./wire.d.ts" */

/** In single quotes, as every shell takes it. @param {string} text */
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** What a source speaks, as far as its form or its URL tells. @param {SourceView} source @param {URL} url @returns {"ntfy" | "mercure" | null} */
function spoken({ mapping }, { hostname, pathname }) {
  const preset = mapping.preset ?? "auto";
  if (preset === "ntfy" || preset === "mercure") return preset;
  if (preset !== "auto") return null;
  if (pathname.endsWith("/.well-known/mercure")) return "mercure";
  return /(^|\.)ntfy\./.test(hostname) && pathname.endsWith("/sse") ? "ntfy" : null;
}

/** A command without any secret of the source: its query is left out. None: not known. @param {SourceView} source @returns {string | null} */
export function sample(source) {
  let url;
  try {
    url = new URL(source.url);
  } catch {
    return null;
  }
  const bare = url.origin + url.pathname;
  switch (spoken(source, url)) {
    case "ntfy": {
      const topic = bare.replace(/\/(sse|json|raw|ws)$/, "").replace(/,.*$/, "");
      return `curl -H 'Title: Hello' -d 'The first event' ${quoted(topic)}`;
    }
    case "mercure": {
      const topic = url.searchParams.get("topic") ?? "https://example.com/hello";
      const token = "-H 'Authorization: Bearer PUBLISHER_TOKEN'";
      return `curl ${token} --data-urlencode ${quoted(`topic=${topic}`)} --data-urlencode 'data={"title":"Hello"}' ${quoted(bare)}`;
    }
    case null:
      return null;
  }
}
