import { Toxicity } from "./toxicity.jsx";

export default function Page() {
  return (
    <main>
      <h1>Toxicity of a tape</h1>
      <Toxicity />
    </main>
  );
}
