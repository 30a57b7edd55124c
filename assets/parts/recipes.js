// The recipes inside the executable, each with a button that trains it.

import { get, post } from '../api.js';
import { html, useEffect, useState } from '../vendor/htm-preact-standalone.js';
import { isActive } from './jobs.js';
import { useAction } from './live.js';
import { Failure, Generated } from './marks.js';

function Recipe({ recipe, jobs, models, refresh }) {
  const train = useAction(async () => {
    await post('jobs', { shipped: recipe.name });
    await refresh();
  });
  const running = jobs.some((job) => job.model === recipe.name && isActive(job));
  const trained = models.some((model) => model.id === recipe.name);
  return html`
    <li class="line recipe">
      <span><strong>${recipe.name}</strong> <span class="quiet">${recipe.title}</span></span>
      ${recipe.generated && html`<${Generated} />`}
      <button class="outline tiny push" disabled=${running || train.working} onClick=${train.run} aria-label=${`Train ${recipe.name}`}>
        ${running ? 'Training…' : trained ? 'Train again' : 'Train'}
      </button>
      <${Failure} error=${train.error} />
    </li>`;
}

export function Recipes({ jobs, models, refresh }) {
  const [recipes, setRecipes] = useState([]);
  const [error, setError] = useState(null);
  useEffect(() => {
    get('recipes').then((body) => setRecipes(body.recipes), setError);
  }, []);
  if (error) return html`<${Failure} error=${error} />`;
  if (recipes.length === 0) return null;
  return html`
    <section aria-labelledby="recipes">
      <h2 id="recipes">Shipped recipes</h2>
      <ul class="jobs">${recipes.map((recipe) => html`
        <${Recipe} key=${recipe.name} recipe=${recipe} jobs=${jobs} models=${models} refresh=${refresh} />`)}</ul>
    </section>`;
}
