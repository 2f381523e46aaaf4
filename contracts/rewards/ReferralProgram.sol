// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Governed} from "../common/Governed.sol";
import {IMinerRegistry} from "../registry/IMinerRegistry.sol";
import {IReferralProgram} from "./IReferralProgram.sol";
import {IRewardPool} from "./IRewardPool.sol";

/// @title Referrals
contract ReferralProgram is IReferralProgram, Governed {
    using SafeERC20 for IERC20;

    uint40 public constant ACCEPTANCE_SECONDS = 30 days;
    uint40 public constant SETTLEMENT_SECONDS = 90 days;

    /// @custom:storage-location erc7201:dimo.storage.ReferralProgram
    struct Layout {
        IERC20 token;
        uint96 paidTotal;
        address treasury;
        uint40 closedAt;
        uint32 termsVersion;
        IMinerRegistry miners;
        IRewardPool rewards;
        mapping(uint256 version => Terms) terms;
        mapping(address device => Referral) referrals;
        mapping(address referee => address device) devices;
    }

    // keccak256(abi.encode(uint256(keccak256("dimo.storage.ReferralProgram")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant LAYOUT_SLOT = 0x04e90442affade914b1bb06f4558c87979de136c93b289d94bf932deb24f7600;

    /// @param authority_ AccessManager.
    /// @param token_ ERC-20 paid out.
    /// @param treasury_ Receives what is left when the program was closed.
    /// @param minerRegistry_ Where devices stand.
    /// @param rewardPool_ Where rewarded weeks are proven.
    function initialize(
        address authority_,
        address token_,
        address treasury_,
        address minerRegistry_,
        address rewardPool_
    ) external initializer {
        __Governed_init(authority_);
        Layout storage $ = _layout();
        $.token = IERC20(token_);
        $.treasury = treasury_;
        $.miners = IMinerRegistry(minerRegistry_);
        $.rewards = IRewardPool(rewardPool_);
        _setTerms(Terms({referrerAmount: 50e18, refereeAmount: 50e18, paidMax: 2_500_000e18}));
    }

    /// @inheritdoc IReferralProgram
    function accept(address device, address referrer) external {
        Layout storage $ = _layout();
        if ($.closedAt != 0) revert ProgramIsClosed($.closedAt);
        if (referrer == address(0) || referrer == msg.sender) revert ReferrerInvalid(referrer);
        IMinerRegistry.DeviceInfo memory info = $.miners.deviceInfo(device);
        if (info.owner != msg.sender) revert NotDeviceOwner(device, msg.sender);
        if (!info.effective) revert DeviceNotEffective(device);
        uint256 acceptableUntil = info.enrolledAt + ACCEPTANCE_SECONDS;
        if (block.timestamp >= acceptableUntil) revert DeviceNotNew(device, acceptableUntil);
        Referral storage referral = $.referrals[device];
        if (referral.referee != address(0)) revert DeviceReferred(device, referral.referee);
        if ($.devices[msg.sender] != address(0)) revert RefereeKnown(msg.sender, $.devices[msg.sender]);

        uint32 version = $.termsVersion;
        $.referrals[device] = Referral(msg.sender, uint40(block.timestamp), false, version, referrer);
        $.devices[msg.sender] = device;
        emit ReferralAccepted(device, msg.sender, referrer, version);
    }

    /// @inheritdoc IReferralProgram
    function pay(address device, uint256 epoch, uint256 index, uint256 amount, bytes32[] calldata proof) external {
        Layout storage $ = _layout();
        Referral memory referral = $.referrals[device];
        if (referral.referee == address(0)) revert NotReferred(device);
        if (referral.paid) revert AlreadyPaid(device);
        _checkReward($.rewards, referral, epoch, index, amount, proof);
        Terms memory agreed = $.terms[referral.termsVersion];
        uint256 sum = uint256(agreed.referrerAmount) + agreed.refereeAmount;
        uint256 paidMax = $.terms[$.termsVersion].paidMax;
        uint256 paid = $.paidTotal;
        if (paid + sum > paidMax) revert CapReached(sum, paid, paidMax);
        uint256 available = $.token.balanceOf(address(this));
        if (sum > available) revert ProgramShort(sum, available);

        $.referrals[device].paid = true;
        // At most paidMax, which has 96 bits.
        $.paidTotal = uint96(paid + sum);
        emit ReferralPaid(device, referral.referee, referral.referrer, agreed.refereeAmount, agreed.referrerAmount);

        $.token.safeTransfer(referral.referee, agreed.refereeAmount);
        $.token.safeTransfer(referral.referrer, agreed.referrerAmount);
    }

    /// @inheritdoc IReferralProgram
    function setTerms(Terms calldata terms) external restricted returns (uint256 version) {
        return _setTerms(terms);
    }

    /// @inheritdoc IReferralProgram
    function close() external restricted {
        Layout storage $ = _layout();
        if ($.closedAt != 0) revert ProgramIsClosed($.closedAt);
        $.closedAt = uint40(block.timestamp);
        emit ProgramClosed(block.timestamp + SETTLEMENT_SECONDS);
    }

    /// @inheritdoc IReferralProgram
    function sweep() external {
        Layout storage $ = _layout();
        uint256 sweepableFrom = $.closedAt == 0 ? 0 : $.closedAt + SETTLEMENT_SECONDS;
        if (sweepableFrom == 0 || block.timestamp < sweepableFrom) revert NotSweepable(sweepableFrom);
        uint256 amount = $.token.balanceOf(address(this));
        emit ProgramSwept(amount);
        $.token.safeTransfer($.treasury, amount);
    }

    /// @inheritdoc IReferralProgram
    function referralOf(address device) external view returns (Referral memory) {
        return _layout().referrals[device];
    }

    /// @inheritdoc IReferralProgram
    function deviceOf(address referee) external view returns (address) {
        return _layout().devices[referee];
    }

    /// @inheritdoc IReferralProgram
    function termsOf(uint256 version) external view returns (Terms memory) {
        return _layout().terms[version];
    }

    /// @inheritdoc IReferralProgram
    function termsVersion() external view returns (uint256) {
        return _layout().termsVersion;
    }

    /// @inheritdoc IReferralProgram
    function paidTotal() external view returns (uint256) {
        return _layout().paidTotal;
    }

    /// @inheritdoc IReferralProgram
    function closedAt() external view returns (uint256) {
        return _layout().closedAt;
    }

    /// @notice ERC-20 paid out.
    function token() external view returns (address) {
        return address(_layout().token);
    }

    /// @notice Where the rest of a closed program goes.
    function treasury() external view returns (address) {
        return _layout().treasury;
    }

    /// @notice Where devices stand.
    function minerRegistry() external view returns (address) {
        return address(_layout().miners);
    }

    /// @notice Where rewarded weeks are proven.
    function rewardPool() external view returns (address) {
        return address(_layout().rewards);
    }

    function _setTerms(Terms memory terms) private returns (uint256 version) {
        if (terms.referrerAmount == 0 || terms.refereeAmount == 0) revert TermsInvalid(terms);
        Layout storage $ = _layout();
        version = ++$.termsVersion;
        $.terms[version] = terms;
        emit TermsSet(version, terms);
    }

    function _checkReward(
        IRewardPool rewards,
        Referral memory referral,
        uint256 epoch,
        uint256 index,
        uint256 amount,
        bytes32[] calldata proof
    ) private view {
        uint256 endsAt = rewards.endOf(epoch);
        if (endsAt <= referral.acceptedAt) revert EpochTooEarly(epoch, endsAt, referral.acceptedAt);
        // A share may be rounded down to nothing: such a leaf exists and proves no reward.
        if (amount == 0 || !rewards.verifyLeaf(epoch, index, referral.referee, amount, proof)) {
            revert RewardNotProven(epoch, index, referral.referee, amount);
        }
    }

    function _layout() private pure returns (Layout storage $) {
        assembly ("memory-safe") {
            $.slot := LAYOUT_SLOT
        }
    }
}
