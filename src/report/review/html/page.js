(function () {
  var name = "vendor-migrations:" + document.body.dataset.key;
  var boxes = document.querySelectorAll("input[type=checkbox]");
  function keep() {
    var done = [];
    boxes.forEach(function (box) { if (box.checked) { done.push(box.id); } });
    try { localStorage.setItem(name, done.join(" ")); } catch (error) { /* Ticks last as long as the page. */ }
  }
  var known = "";
  try { known = localStorage.getItem(name) || ""; } catch (error) { /* Nothing is kept. */ }
  boxes.forEach(function (box) {
    box.checked = known.split(" ").indexOf(box.id) >= 0;
    box.addEventListener("change", keep);
  });
})();
