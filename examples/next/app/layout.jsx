export const metadata = { title: "Toxicity of a tape", description: "VPIN of a file of trades, computed in the page" };

export default function Layout({ children }) {
  return (
    <html lang="en">
      <body style={{ font: "16px system-ui", maxWidth: "60rem", margin: "2rem auto", padding: "0 1rem" }}>{children}</body>
    </html>
  );
}
