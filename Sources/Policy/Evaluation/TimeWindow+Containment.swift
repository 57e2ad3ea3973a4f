import API

extension TimeWindow {
    /// Whether a moment lies in the window: seconds since 1970-01-01 00:00 UTC, a Thursday.
    func contains(_ now: Int64) -> Bool {
        let minute = (now &+ Int64(offset) * 60).flooredQuotient(by: 60)
        let day = minute.flooredQuotient(by: 1440)
        let time = Int(minute - day * 1440)
        let weekday = Int((day + 3) - (day + 3).flooredQuotient(by: 7) * 7)
        if start < end { return holds(weekday) && (start..<end).contains(time) }
        return (holds(weekday) && time >= start) || (holds((weekday + 6) % 7) && time < end)
    }

    private func holds(_ weekday: Int) -> Bool {
        days.contains { $0.rawValue == weekday }
    }
}

extension Int64 {
    fileprivate func flooredQuotient(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
