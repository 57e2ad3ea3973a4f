/// Moves the day of a text that is an ISO date or timestamp; what follows the day stays.
struct TextDateShift: Sendable {
    private let shift: DayShift
    private let width: TextWidth

    init(_ shift: DayShift, width: TextWidth) {
        self.shift = shift
        self.width = width
    }

    func append(maskOf cell: Span<UInt8>, to out: inout [UInt8]) -> Bool {
        guard let timestamp = ISOTimestamp(cell.extracting(..<width.end(of: cell))),
            let moved = CalendarDate(dayNumber: shift.day(after: timestamp.date.dayNumber))
        else { return false }
        moved.append(to: &out)
        // The time as it was, and padding.
        out.append(copying: cell.extracting(10...))
        return true
    }
}
