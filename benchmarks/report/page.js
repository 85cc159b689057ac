function show() {
  const wanted = decodeURIComponent(location.hash).match(/^#show=(.+)$/);
  const rows = document.querySelectorAll(".items tbody tr");
  let count = 0;
  for (const row of rows) {
    const seen = !wanted || row.dataset.show.split(" ").includes(wanted[1]);
    row.hidden = !seen;
    count += seen;
  }
  const said = document.getElementById("showing");
  said.textContent = wanted ? `(${count} of ${rows.length}: ${wanted[1]}) ` : `(${rows.length})`;
  if (wanted) {
    const all = document.createElement("a");
    all.href = "#items";
    all.textContent = "show all";
    said.append(all);
    document.getElementById("items").scrollIntoView();
  }
}
addEventListener("hashchange", show);
show();
